"""NetSuite as its guides describe it: assertions, SuiteQL, records."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from sandbox.netsuite.suiteql import SuiteqlError, understand

STAMP = "'YYYY-MM-DD HH24:MI:SS'"
AT = "'2026-10-05 20:00:00'"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def error(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of an error."""
    body = response.json()
    assert body["status"] == response.status_code
    assert set(body) == {"type", "title", "status", "o:errorDetails"}
    return response.status_code, body["o:errorDetails"][0]["o:errorCode"]


def rows(response: httpx.Response) -> list[dict[str, str]]:
    """Return a query's rows without their links."""
    assert response.status_code == 200, response.text
    items = response.json()["items"]
    assert all(item.pop("links") == [] for item in items)
    return items


def test_a_signed_assertion_gets_a_token(
    reading: Any, login: Callable[..., dict[str, str]]
) -> None:
    """The token lives for an hour, and the number is text."""
    response = reading.netsuite.post(
        "/auth/oauth2/v1/token", data=login(reading.url, reading.keys)
    )

    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "expires_in", "token_type"}
    assert response.json()["expires_in"] == "3600"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "x"},
        {"aud": "https://example.com"},
        {"scope": ["restlets"]},
        {"kid": "x"},
        {"exp": 1},
        {"iat": 1},
        {"exp": None},
        {"key": RSAKey.generate_key(2048)},
    ],
)
def test_an_assertion_that_is_not_right_is_refused(
    reading: Any, login: Callable[..., dict[str, str]], wrong: dict[str, Any]
) -> None:
    """Names, audience, scope, certificate, lifetime and signature all count."""
    response = reading.netsuite.post(
        "/auth/oauth2/v1/token", data=login(reading.url, reading.keys, **wrong)
    )

    assert (response.status_code, response.json()) == (400, {"error": "invalid_client"})


def test_no_assertion_is_no_login(reading: Any) -> None:
    """Text that is no assertion, and other grants."""
    asked = {
        "grant_type": "client_credentials",
        "client_assertion": "x.y.z",
        "client_assertion_type": ASSERTION_TYPE,
    }
    url = "/auth/oauth2/v1/token"

    garbage = reading.netsuite.post(url, data=asked)
    other = reading.netsuite.post(url, data={"grant_type": "password"})

    assert garbage.json() == {"error": "invalid_client"}
    assert other.json() == {"error": "unsupported_grant_type"}


def test_a_token_ends(served: Any) -> None:
    """After its hour a token is an invalid login."""
    served.clock.advance(3601)

    assert error(served.suiteql("SELECT id FROM customer")) == (401, "INVALID_LOGIN")


def test_all_values_are_text_and_nulls_are_left_out(reading: Any) -> None:
    """A row has `links`, booleans are T or F, days look as the account prefers."""
    response = reading.suiteql(
        "SELECT id, email, isinactive, currency, BUILTIN.DF(currency) AS iso, "
        "lastmodifieddate AS seen FROM customer"
    )

    assert response.json()["items"] == [
        {
            "links": [],
            "id": "1001",
            "isinactive": "F",
            "currency": "1",
            "iso": "USD",
            "seen": "10/1/2026",
        }
    ]


def test_invoices_and_payments_are_transactions(reading: Any) -> None:
    """One table, told apart by type; amounts keep their digits."""
    query = (
        "SELECT t.id, t.foreigntotal, BUILTIN.DF(t.status) AS status, "
        "TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, "
        f"TO_CHAR(t.lastmodifieddate, {STAMP}) AS lastmodifieddate "
        "FROM transaction t WHERE t.type = 'CustInvc' ORDER BY t.id DESC"
    )

    found = rows(reading.suiteql(query))
    payments = rows(reading.suiteql("SELECT id FROM transaction WHERE type='CustPymt'"))

    assert [row["id"] for row in found] == ["10005", "10000", "9995"]
    assert found[0] == {
        "id": "10005",
        "foreigntotal": "1234.50",
        "status": "Open",
        "trandate": "2026-10-05",
        "lastmodifieddate": "2026-10-05 20:00:00",
    }
    assert payments == [{"id": "10010"}]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("id > 9999 AND type = 'CustInvc'", ["10000", "10005"]),
        ("id IN ('9995', 10010)", ["9995", "10010"]),
        ("id BETWEEN 10000 AND 10005", ["10000", "10005"]),
        ("NOT (id = 9995 OR type = 'CustPymt')", ["10000", "10005"]),
        ("externalid IS NOT NULL AND id < 10000", ["9995"]),
        ("externalid IS NULL", []),
        (f"lastmodifieddate > TO_TIMESTAMP('2026-10-05 20:00:00', {STAMP})", []),
        (
            (
                f"lastmodifieddate > TO_TIMESTAMP({AT}, {STAMP}) OR (lastmodifieddate"
                f" = TO_DATE({AT}, {STAMP}) AND id > 10000)"
            ),
            ["10005", "10010"],
        ),
        ("trandate >= TO_DATE('2026-10-06', 'YYYY-MM-DD')", []),
        (
            (
                f"TO_CHAR(lastmodifieddate, {STAMP}) >= {AT} AND foreigntotal = 1234.5 "
                "AND id != 9995"
            ),
            ["10000", "10005", "10010"],
        ),
    ],
)
def test_suiteql_finds_what_it_says(reading: Any, where: str, found: list[str]) -> None:
    """Numbers compare as numbers, instants as instants, null is never equal."""
    query = f"SELECT id FROM transaction WHERE {where} ORDER BY id"

    assert [row["id"] for row in rows(reading.suiteql(query))] == found


def test_links_join_their_two_documents(reading: Any) -> None:
    """The application of a payment has no id of its own; it is put together."""
    query = (
        "SELECT previousdoc || '-' || nextdoc AS id, previousdoc, foreignamount "
        "FROM NextTransactionLink WHERE linktype = 'Payment'"
    )

    assert rows(reading.suiteql(query)) == [
        {"id": "9995-10010", "previousdoc": "9995", "foreignamount": "1234.50"}
    ]


def test_pages_are_cut_by_limit_and_offset(reading: Any) -> None:
    """Count, total, whether more follow, and the links to them."""
    query = "SELECT id FROM transaction ORDER BY lastmodifieddate, id"

    first = reading.suiteql(query, limit=3).json()
    second = reading.suiteql(query, limit=3, offset=3).json()

    assert [row["id"] for page in (first, second) for row in page["items"]] == [
        "9995",
        "10000",
        "10005",
        "10010",
    ]
    assert [
        (page["count"], page["hasMore"], page["totalResults"])
        for page in (first, second)
    ] == [(3, True, 4), (1, False, 4)]
    assert [link["rel"] for link in first["links"]] == ["self", "next"]
    assert first["links"][1]["href"].endswith("/suiteql?limit=3&offset=3")


def test_count_counts(reading: Any) -> None:
    """COUNT(*) gives one row."""
    query = "SELECT COUNT(*) AS n FROM transaction WHERE type = 'CustInvc'"

    assert rows(reading.suiteql(query)) == [{"n": "3"}]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nope FROM customer",
        "SELECT id FROM nope",
        "SELECT id FROM customer WHERE nope = 1",
        "SELECT id FROM customer ORDER BY nope",
        "SELECT x.id FROM customer c",
        "SELECT id FROM customer JOIN item ON 1 = 1",
        "SELECT id FROM customer GROUP BY id",
        "SELECT id FROM customer LIMIT 5",
        "SELECT id, COUNT(*) FROM customer",
        "SELECT UPPER(email) FROM customer",
        "SELECT BUILTIN.CF(currency) FROM customer",
        "SELECT id FROM customer WHERE lastmodifieddate > '2026-10-01'",
        "SELECT id FROM customer WHERE lastmodifieddate > TO_DATE('x', 'YYYY-MM-DD')",
        "SELECT id FROM customer WHERE id = 'x'",
        "SELECT id FROM customer WHERE email LIKE 'a%'",
        "SELECT TO_CHAR(lastmodifieddate, 'Q') FROM customer",
        "SELECT id FROM customer ORDER BY 9",
        "SELECT FROM WHERE",
        "SELECT id",
        "DELETE FROM customer",
        "SELECT id FROM customer; SELECT id FROM item",
        "",
        "'",
        "SELECT * FROM (SELECT id FROM customer)",
    ],
)
def test_what_suiteql_does_not_understand_it_refuses(reading: Any, query: str) -> None:
    """Never an empty answer to a question that was not understood."""
    response = reading.suiteql(query)

    assert error(response) == (400, "INVALID_PARAMETER")
    assert "Invalid search query" in response.text


def test_a_query_too_long_is_refused() -> None:
    """The parser is not handed megabytes."""
    with pytest.raises(SuiteqlError, match="too long"):
        understand("SELECT " + "x" * 100_001)


def test_a_query_needs_its_header_and_a_page_its_bounds(reading: Any) -> None:
    """`Prefer: transient` is required; limit is 1 to 1,000, offset a multiple."""
    query = {"q": "SELECT id FROM customer"}

    bare = reading.netsuite.post("/query/v1/suiteql", json=query)

    assert error(bare) == (400, "INVALID_HEADER")
    assert error(reading.suiteql(query["q"], limit=1001)) == (400, "INVALID_PARAMETER")
    assert error(reading.suiteql(query["q"], limit=10, offset=5)) == (
        400,
        "INVALID_PARAMETER",
    )


def test_a_customer_is_changed(served: Any) -> None:
    """204 with a Location; the record, the query and its stamp all show it."""
    response = served.netsuite.patch(
        "/record/v1/customer/1001", json={"email": "new@c1.example", "isInactive": True}
    )
    record = served.netsuite.get("/record/v1/customer/1001").json()
    (row,) = rows(
        served.suiteql(
            f"SELECT email, isinactive, TO_CHAR(lastmodifieddate, {STAMP}) AS at "
            "FROM customer"
        )
    )

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["location"] == (
        f"{served.url}/netsuite/services/rest/record/v1/customer/1001"
    )
    assert (record["email"], record["isInactive"], record["currency"]) == (
        "new@c1.example",
        True,
        {"id": "1", "refName": "USD"},
    )
    assert row == {
        "email": "new@c1.example",
        "isinactive": "T",
        "at": "2026-11-01 12:00:00",
    }


INVOICE = {
    "entity": {"id": "1001"},
    "tranId": "INV-7",
    "tranDate": "2026-10-31",
    "dueDate": "2026-11-30",
    "currency": {"refName": "USD"},
    "item": {"items": [{"amount": 0.1}, {"amount": 0.2}]},
}


def test_an_invoice_is_created_once_by_its_external_id(served: Any) -> None:
    """The second PUT changes the same record: an unknown outcome is safe to repeat."""
    path = "/record/v1/invoice/eid:in_1AbC"

    first = served.netsuite.put(path, json=INVOICE)
    second = served.netsuite.put(path, json=INVOICE | {"tranId": "INV-8"})
    record = served.netsuite.get(path).json()
    found = rows(
        served.suiteql(
            "SELECT id, tranid, entity, foreigntotal, duedate, BUILTIN.DF(currency) AS "
            "iso, BUILTIN.DF(status) AS status FROM transaction "
            "WHERE externalid = 'in_1AbC'"
        )
    )

    assert (first.status_code, second.status_code) == (204, 204)
    assert first.headers["location"] == second.headers["location"]
    assert first.headers["location"].endswith("/record/v1/invoice/10011")
    assert record["entity"] == {"id": "1001"}
    assert found == [
        {
            "id": "10011",
            "tranid": "INV-8",
            "entity": "1001",
            "foreigntotal": "0.3",
            "duedate": "11/30/2026",
            "iso": "USD",
            "status": "Open",
        }
    ]
    held = served.store.collection("netsuite", "invoice").get("10011")
    assert held["foreigntotal"] == Decimal("0.3")


def test_a_deleted_record_is_found_among_the_deleted(served: Any) -> None:
    """What is gone from `transaction` has a row in `deletedrecord`."""
    served.netsuite.delete("/record/v1/invoice/9995")

    gone = rows(served.suiteql("SELECT id FROM transaction WHERE id = 9995"))
    deleted = rows(served.suiteql("SELECT recordid, scriptid FROM deletedrecord"))

    assert gone == []
    assert deleted == [{"recordid": "9995", "scriptid": "invoice"}]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PATCH", "customer/9", {"email": "a@b.c"}, (404, "NONEXISTENT_ID")),
        ("PATCH", "customer/1001", {"nope": 1}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"email": "x"}, (400, "USER_ERROR")),
        ("PATCH", "customer/1001", {"companyName": None}, (400, "USER_ERROR")),
        ("PATCH", "customer/1001", {"isInactive": "T"}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", [], (400, "INVALID_CONTENT")),
        ("GET", "nope/1", None, (404, "INVALID_PARAMETER")),
        ("GET", "invoice/eid:nope", None, (404, "NONEXISTENT_ID")),
        ("PUT", "invoice/5", INVOICE, (400, "INVALID_CONTENT")),
        ("PUT", "invoice/eid:a|b", INVOICE, (400, "INVALID_CONTENT")),
        ("PUT", "invoice/eid:new", {"tranId": "x"}, (400, "USER_ERROR")),
        (
            "PUT",
            "invoice/eid:new",
            INVOICE | {"entity": {"id": "9"}},
            (400, "USER_ERROR"),
        ),
        (
            "PUT",
            "invoice/eid:new",
            INVOICE | {"item": {"items": [{"amount": "1"}]}},
            (400, "INVALID_CONTENT"),
        ),
        (
            "PUT",
            "invoice/eid:new",
            INVOICE | {"tranDate": "31.10.2026"},
            (400, "INVALID_CONTENT"),
        ),
        (
            "PUT",
            "invoice/eid:new",
            INVOICE | {"currency": {"refName": "XXX"}},
            (400, "INVALID_CONTENT"),
        ),
        ("PUT", "customer/eid:new", {}, (405, "METHOD_NOT_ALLOWED")),
        ("POST", "customer/1001", {}, (405, "METHOD_NOT_ALLOWED")),
    ],
)
def test_a_wrong_write_is_refused_and_nothing_is_written(
    reading: Any, method: str, path: str, body: Any, expected: tuple[Any, ...]
) -> None:
    """Each refusal has NetSuite's code; the journal stays empty."""
    response = reading.netsuite.request(method, f"/record/v1/{path}", json=body)

    assert error(response) == expected
    assert reading.store.journal == []

"""The record API: one record is read, created, changed, upserted or deleted."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

REST = "https://1234567.suitetalk.api.netsuite.com/services/rest"
STAMP = "'YYYY-MM-DD HH24:MI:SS'"
Said = Callable[[httpx.Response], tuple[int, str]]

INVOICE = {
    "entity": {"id": "1001"},
    "tranId": "INV-7",
    "tranDate": "2026-10-31",
    "dueDate": "2026-11-30",
    "currency": {"refName": "USD"},
    "item": {"items": [{"amount": 0.1}, {"amount": 0.2}]},
}


def test_a_customer_is_read(reading: Any) -> None:
    """By internal id or external id, with links; nulls are left out."""
    by_id = reading.record("GET", "customer/1001").json()
    by_external_id = reading.record("GET", "customer/eid:cus_1").json()

    assert by_id == by_external_id
    assert by_id == {
        "links": [{"rel": "self", "href": f"{REST}/record/v1/customer/1001"}],
        "id": "1001",
        "externalId": "cus_1",
        "entityId": "CUST1",
        "companyName": "Customer 1",
        "vatRegNumber": "T1",
        "currency": {"id": "1", "refName": "USD"},
        "isInactive": False,
        "lastModifiedDate": "2026-10-01T11:00:00Z",
    }


def test_only_the_wanted_fields_are_read(reading: Any) -> None:
    """`fields` names them."""
    body = reading.record("GET", "customer/1001?fields=id,companyName").json()

    assert set(body) == {"links", "id", "companyName"}


def test_a_customer_is_changed(erp: Any) -> None:
    """204 with a Location; the record, the query and its stamp all show it."""
    response = erp.record(
        "PATCH", "customer/1001", json={"email": "new@c1.example", "isInactive": True}
    )
    record = erp.record("GET", "customer/1001").json()
    (row,) = erp.rows(
        f"SELECT email, isinactive, TO_CHAR(lastmodifieddate, {STAMP}) AS at "
        "FROM customer WHERE id = 1001"
    )

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["location"] == f"{REST}/record/v1/customer/1001"
    assert (record["email"], record["isInactive"]) == ("new@c1.example", True)
    assert row == {
        "email": "new@c1.example",
        "isinactive": "T",
        "at": "2026-11-01 12:00:00",
    }


def test_a_field_is_emptied_by_null(erp: Any) -> None:
    """Null takes a value away; what the record needs cannot be taken."""
    emptied = erp.record("PATCH", "customer/1002", json={"email": None})
    record = erp.record("GET", "customer/1002").json()

    assert emptied.status_code == 204
    assert "email" not in record


def test_a_customer_is_created(erp: Any) -> None:
    """NetSuite gives the id, the number and the stamps."""
    response = erp.record("POST", "customer", json={"companyName": "New Ltd"})
    record = erp.client.get(response.headers["location"]).json()

    assert response.headers["location"] == f"{REST}/record/v1/customer/1003"
    assert (record["entityId"], record["dateCreated"]) == (
        "CUST1003",
        "2026-11-01T12:00:00Z",
    )


def test_an_id_is_never_given_twice(erp: Any) -> None:
    """Neither after the newest record is gone, nor between types of transactions."""
    first = erp.record("PUT", "invoice/eid:a", json=INVOICE).headers["location"]
    erp.client.delete(first)
    second = erp.record("PUT", "invoice/eid:a", json=INVOICE).headers["location"]
    payment = {"customer": {"id": "1001"}, "payment": 5}
    third = erp.record("POST", "customerPayment", json=payment).headers["location"]

    places = [each.rpartition("/")[2] for each in (first, second, third)]
    assert places == ["10011", "10012", "10013"]


def test_an_invoice_is_created_once_by_its_external_id(erp: Any) -> None:
    """The second PUT changes the same record, and appends lines unless it replaces."""
    path = "invoice/eid:in_1AbC"

    first = erp.record("PUT", path, json=INVOICE)
    second = erp.record("PUT", f"{path}?replace=item", json=INVOICE | {"memo": "x"})
    replaced = erp.record("GET", path).json()
    erp.record("PUT", path, json=INVOICE)
    appended = erp.record("GET", path).json()

    assert (first.status_code, second.status_code) == (204, 204)
    assert first.headers["location"] == second.headers["location"]
    assert first.headers["location"].endswith("/record/v1/invoice/10011")
    assert (replaced["total"], appended["total"]) == (0.3, 0.6)
    assert replaced["entity"]["refName"] == "Customer 1"


def test_a_deleted_record_is_found_among_the_deleted(erp: Any) -> None:
    """What is gone has a row in `deletedrecord`, whoever deleted it."""
    erp.record("DELETE", "invoice/10000")
    erp.store.delete("netsuite", "customer", "1002", actor="human", request_id="1")

    gone = erp.rows("SELECT id FROM transaction WHERE id = 10000")
    deleted = erp.rows(
        f"SELECT recordid, scriptid, TO_CHAR(deleteddate, {STAMP}) AS at, context "
        "FROM deletedrecord ORDER BY recordid"
    )

    assert gone == []
    assert deleted == [
        {
            "recordid": "1002",
            "scriptid": "customer",
            "at": "2026-11-01 12:00:00",
            "context": "USERINTERFACE",
        },
        {
            "recordid": "10000",
            "scriptid": "invoice",
            "at": "2026-11-01 12:00:00",
            "context": "RESTWEBSERVICES",
        },
    ]


def test_a_locked_record_is_not_written(erp: Any, said: Said) -> None:
    """Somebody else has it open: neither changed nor deleted, and free again later."""
    erp.store.lock("netsuite", "customer", "1002", 60)

    changed = erp.record("PATCH", "customer/1002", json={"phone": "1"})
    deleted = erp.record("DELETE", "customer/1002")
    erp.clock.advance(61)
    later = erp.record("PATCH", "customer/1002", json={"phone": "1"})

    assert said(changed) == said(deleted) == (400, "RCRD_HAS_BEEN_CHANGED")
    assert later.status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "customer", {"entityId": "CUST1"}, (400, "DUP_ENTITY")),
        ("POST", "customer", {"externalId": "cus_2"}, (400, "DUP_RCRD")),
        ("PATCH", "customer/1001", {"externalId": "cus_2"}, (400, "DUP_RCRD")),
        ("POST", "serviceSaleItem", {"itemId": "PLT"}, (400, "DUP_ITEM")),
    ],
)
def test_what_must_be_unique_is(
    reading: Any,
    said: Said,
    *,
    method: str,
    path: str,
    body: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    """Names of customers and items, external ids within a type."""
    response = reading.record(method, path, json={"companyName": "x"} | body)
    if path == "serviceSaleItem":
        response = reading.record(method, path, json=body)

    assert said(response) == expected


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("PATCH", "customer/9", {"email": "a@b.c"}, (404, "NONEXISTENT_ID")),
        ("PATCH", "customer/1001", {"nope": 1}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"id": "5"}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"email": "x"}, (400, "USER_ERROR")),
        ("PATCH", "customer/1001", {"email": 5}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"email": "x" * 301}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"phone": "\x00"}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"companyName": None}, (400, "USER_ERROR")),
        ("PATCH", "customer/1001", {"isInactive": "T"}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"parent": {"id": "9"}}, (400, "USER_ERROR")),
        ("PATCH", "customer/1001", {"parent": 9}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", {"parent": {"id": True}}, (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001", [], (400, "INVALID_CONTENT")),
        ("PATCH", "customer/1001?replace=item", None, (400, "INVALID_CONTENT")),
        ("GET", "nope/1", None, (404, "INVALID_PARAMETER")),
        ("GET", "invoice/eid:nope", None, (404, "NONEXISTENT_ID")),
        ("GET", "customer/1001?fields=nope", None, (400, "INVALID_PARAMETER")),
        ("GET", "invoice/9995?expandSubResources=x", None, (400, "INVALID_PARAMETER")),
        ("GET", "invoice/9995/nope", None, (404, "INVALID_PARAMETER")),
        ("DELETE", "customer/1001", None, (400, "USER_ERROR")),
        ("DELETE", "invoice/9995", None, (400, "USER_ERROR")),
        ("DELETE", "customer/9", None, (404, "NONEXISTENT_ID")),
        ("DELETE", "currency/1", None, (405, "METHOD_NOT_ALLOWED")),
        ("PATCH", "accountingPeriod/1", {}, (405, "METHOD_NOT_ALLOWED")),
        ("PUT", "invoice/5", INVOICE, (400, "INVALID_CONTENT")),
        ("PUT", "invoice/eid:a|b", INVOICE, (400, "INVALID_CONTENT")),
        ("PUT", "invoice/eid:", INVOICE, (400, "INVALID_CONTENT")),
        ("PUT", "invoice/eid:new", {"tranId": "x"}, (400, "USER_ERROR")),
        ("PUT", "invoice/eid:new", INVOICE | {"entity": {"id": "9"}}, None),
        ("PUT", "invoice/eid:new", INVOICE | {"item": {"items": []}}, 204),
        ("PUT", "invoice/eid:new", INVOICE | {"item": {"items": [5]}}, "content"),
        ("PUT", "invoice/eid:new", INVOICE | {"item": 5}, "content"),
        ("PUT", "invoice/eid:new?replace=x", INVOICE, (400, "INVALID_PARAMETER")),
        ("POST", "customer/1001", {}, (405, "METHOD_NOT_ALLOWED")),
        ("PUT", "customer", {}, (405, "METHOD_NOT_ALLOWED")),
        ("POST", "customer", None, (400, "INVALID_CONTENT")),
    ],
)
def test_a_wrong_write_is_refused_and_nothing_is_written(
    erp: Any, said: Said, *, method: str, path: str, body: Any, expected: Any
) -> None:
    """Each refusal has NetSuite's code; the journal stays empty."""
    expected = {"content": (400, "INVALID_CONTENT"), None: (400, "USER_ERROR")}.get(
        expected, expected
    )

    response = erp.record(method, path, json=body)

    if expected == 204:
        assert response.status_code == 204
        return
    assert said(response) == expected
    assert erp.store.journal == []


@pytest.mark.parametrize(
    "item",
    [
        {"amount": "1"},
        {"amount": True},
        {"amount": 1e300},
        {"amount": 12345678901234567},
        {"nope": 1, "amount": 1},
        {"amount": 1, "item": {"id": "9"}},
        {"description": "no amount"},
    ],
)
def test_a_line_that_is_not_right_takes_the_whole_invoice_with_it(
    erp: Any, item: dict[str, Any]
) -> None:
    """The first line was fine; nothing of it stays."""
    body = INVOICE | {"item": {"items": [{"amount": 1}, item]}}

    response = erp.record("POST", "invoice", json=body)

    assert response.status_code == 400
    assert response.json()["o:errorDetails"][0]["o:errorPath"].startswith(
        "item.items[1]"
    )
    assert erp.store.journal == []


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"{", "application/json", (400, "INVALID_CONTENT")),
        (b"\xff", "application/json", (400, "INVALID_CONTENT")),
        (b'{"a": NaN}', "application/json", (400, "INVALID_CONTENT")),
        (b'{"phone": "\\ud800"}', "application/json", (400, "INVALID_CONTENT")),
        (b'{"a":' * 50_000, "application/json", (400, "INVALID_CONTENT")),
        (b"<a/>", "text/xml", (415, "INVALID_HEADER")),
        (b"a=b", "application/x-www-form-urlencoded", (415, "INVALID_HEADER")),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    reading: Any, said: Said, content: bytes, kind: str, expected: tuple[int, str]
) -> None:
    """Cut off, no text, no number, too deep, another language."""
    response = reading.record(
        "POST", "customer", content=content, headers={"Content-Type": kind}
    )

    assert said(response) == expected


def test_unknown_names_may_be_ignored(erp: Any, said: Said) -> None:
    """`X-NetSuite-PropertyNameValidation` decides; the usual is an error."""
    body = {"phone": "1", "nope": 2}

    def patch(wanted: str) -> httpx.Response:
        headers = {"X-NetSuite-PropertyNameValidation": wanted}
        answer: httpx.Response = erp.record(
            "PATCH", "customer/1001", json=body, headers=headers
        )
        return answer

    assert patch("Ignore").status_code == patch("Warning").status_code == 204
    assert said(patch("Error")) == (400, "INVALID_CONTENT")
    assert said(patch("x")) == (400, "INVALID_HEADER")


def test_a_record_that_the_role_may_not_see_is_forbidden(erp: Any, said: Said) -> None:
    """403 for the record, whatever is asked of it."""
    erp.set(denied=["invoice"])

    assert said(erp.record("GET", "invoice/9995")) == (403, "INSUFFICIENT_PERMISSION")
    assert said(erp.record("GET", "invoice")) == (403, "INSUFFICIENT_PERMISSION")
    assert erp.record("GET", "customer/1001").status_code == 200

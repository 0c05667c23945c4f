"""What SuiteQL refuses, and in which words: nothing is guessed."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

SUITEQL = "https://1234567.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql"
SEARCH = "Search error occurred: "
KNOWN = "Available identifiers are"
NO_FIELD = "Field '{}' for record '{}' was not found. Reason: {}."
NO_DAY = (
    'Search error occurred: Parse of date/time "2026-10-01" failed with date format'
    ' "M/D/YYYY" in time zone UTC.'
)

Said = Callable[[httpx.Response], tuple[int, str]]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "SELECT nope FROM customer",
            SEARCH + f"Unknown identifier 'nope'. {KNOWN}: {{customer=customer}}.",
        ),
        (
            "SELECT x.id FROM customer c",
            SEARCH + f"Unknown identifier 'x'. {KNOWN}: {{c=customer}}.",
        ),
        (
            "SELECT c.nope FROM customer c",
            SEARCH + NO_FIELD.format("nope", "customer", "REMOVED - Field is removed"),
        ),
        (
            "SELECT subsidiary FROM transaction",
            SEARCH
            + NO_FIELD.format(
                "subsidiary", "transaction", "NOT_EXPOSED - Field is not exposed"
            ),
        ),
        ("SELECT id FROM nope", "Invalid search type: nope."),
        (
            "SELECT id FROM customer c JOIN item i ON i.id = c.id",
            SEARCH + "Ambiguous identifier 'id'.",
        ),
        ("SELECT id FROM customer WHERE lastmodifieddate > '2026-10-01'", NO_DAY),
        (
            "SELECT FOO(id) FROM customer",
            SEARCH + "Invalid or unsupported search.",
        ),
    ],
)
def test_a_refusal_is_said_in_netsuite_s_words(
    reading: Any, said: Said, query: str, sentence: str
) -> None:
    """Whoever reads the sentence finds which field of which record is meant."""
    response = reading.suiteql(query)

    assert said(response) == (400, "INVALID_PARAMETER")
    (detail,) = response.json()["o:errorDetails"]
    assert detail["detail"] == (
        f"Invalid search query. Detailed unprocessed description follows. {sentence}"
    )
    assert detail["o:errorQueryParam"] == "q"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM customer WHERE nope = 1",
        "SELECT id FROM customer ORDER BY nope",
        "SELECT id FROM customer ORDER BY 9",
        "SELECT id FROM customer LIMIT 5",
        "SELECT id FROM customer OFFSET 5",
        "SELECT id FROM customer FETCH FIRST 5 PERCENT ROWS ONLY",
        "SELECT id FROM customer ORDER BY id FETCH FIRST 5 ROWS WITH TIES",
        "SELECT id FROM customer FETCH FIRST 5 ROWS",
        "SELECT TOP 5 id FROM customer FETCH FIRST 3 ROWS ONLY",
        "SELECT id, COUNT(*) FROM customer",
        "SELECT country, email FROM customer GROUP BY country",
        "SELECT country, COUNT(*) AS n FROM customer GROUP BY country ORDER BY email",
        "SELECT id AS x, email AS x FROM customer ORDER BY x",
        "SELECT id FROM customer WHERE COUNT(*) > 1",
        "SELECT SUM(COUNT(id)) FROM customer",
        "SELECT BUILTIN.CF(currency) FROM customer",
        "SELECT BUILTIN.DF(1) FROM customer",
        "SELECT id FROM customer WHERE lastmodifieddate > TO_DATE('x', 'YYYY-MM-DD')",
        "SELECT id FROM customer WHERE lastmodifieddate > 5",
        "SELECT id FROM customer WHERE id = 'x'",
        "SELECT id FROM customer WHERE companyname = 5",
        "SELECT id FROM customer WHERE email IN ()",
        "SELECT id FROM customer WHERE id IN (" + ",".join(["1"] * 1001) + ")",
        "SELECT TO_CHAR(lastmodifieddate, 'ZZ') FROM customer",
        "SELECT TO_CHAR(id, 'ZZ') FROM customer",
        "SELECT SUBSTR(companyname) FROM customer",
        "SELECT TRUNC(companyname) FROM customer",
        "SELECT ROW_NUMBER() OVER (ORDER BY id) FROM customer",
        "SELECT REGEXP_LIKE(email, 'x') FROM customer",
        "SELECT id FROM customer UNION SELECT itemid FROM item",
        "SELECT DISTINCT id FROM customer ORDER BY email",
        "SELECT id FROM customer c, customer c",
        "SELECT id FROM main.customer",
        "SELECT id FROM customer WHERE id IN (SELECT id, itemid FROM item)",
        "SELECT id FROM customer WHERE id IN (SELECT * FROM item)",
        "SELECT (SELECT id, itemid FROM item) FROM customer",
        "SELECT id FROM customer c LEFT JOIN item i",
        "SELECT id FROM customer JOIN item USING (id)",
        "SELECT id FROM customer WHERE ROWNUM > 5",
        "WITH a AS (SELECT id FROM customer) SELECT email FROM a",
        "WITH a AS (SELECT id FROM customer) SELECT id FROM b",
        "WITH a (x, y) AS (SELECT id FROM customer) SELECT x FROM a",
        "WITH RECURSIVE a AS (SELECT id FROM customer) SELECT id FROM a",
        "WITH a AS (SELECT x FROM b), b AS (SELECT id AS x FROM item) SELECT x FROM a",
        (
            "SELECT id FROM a UNION SELECT id FROM (WITH a AS (SELECT id FROM item)"
            " SELECT id FROM a)"
        ),
        "SELECT FROM WHERE",
        "SELECT id",
        "SELECT 1 + FROM customer",
        "DELETE FROM customer",
        "UPDATE customer SET email = 'x'",
        "DROP TABLE customer",
        "PRAGMA table_info(customer)",
        "SELECT id FROM customer; SELECT id FROM item",
        "SELECT id FROM sqlite_master",
        "",
        "'",
        "SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM customer",
        "SELECT " + "-" * 3000 + "1 FROM customer",
        "SELECT id FROM customer WHERE " + " OR ".join(["id = 1"] * 1100),
        "SELECT " + "9" * 400 + " FROM customer",
        "SELECT " + "x" * 100_001,
    ],
)
def test_what_suiteql_does_not_understand_it_refuses(
    reading: Any, said: Said, query: str
) -> None:
    """Never an empty answer to a question that was not understood."""
    response = reading.suiteql(query)

    assert said(response) == (400, "INVALID_PARAMETER")
    assert "Invalid search query" in response.text


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"json": {"q": "SELECT 1"}, "headers": {}}, (400, "INVALID_HEADER")),
        ({"content": b"{"}, (400, "INVALID_CONTENT")),
        ({"content": b"\xff\xfe"}, (400, "INVALID_CONTENT")),
        ({"content": b"[" * 100_000}, (400, "INVALID_CONTENT")),
        ({"json": []}, (400, "INVALID_CONTENT")),
        ({"json": {}}, (400, "INVALID_CONTENT")),
        ({"json": {"q": 5}}, (400, "INVALID_CONTENT")),
        ({"json": {"q": "SELECT 1"}, "params": {"limit": "1001"}}, None),
        ({"json": {"q": "SELECT 1"}, "params": {"limit": "0"}}, None),
        ({"json": {"q": "SELECT 1"}, "params": {"limit": "-5"}}, None),
        ({"json": {"q": "SELECT 1"}, "params": {"limit": "9" * 99}}, None),
        ({"json": {"q": "SELECT 1"}, "params": {"limit": "10", "offset": "5"}}, None),
        (
            {"content": b"<q/>", "headers": {"Content-Type": "application/xml"}},
            (415, "INVALID_HEADER"),
        ),
    ],
)
def test_a_request_that_is_not_right_is_refused(
    reading: Any, said: Said, request_: dict[str, Any], expected: Any
) -> None:
    """Header, body, media type, limit and offset."""
    headers = {"Prefer": "transient"} | request_.get("headers", {})
    if request_.get("headers") == {}:
        headers = {}

    response = reading.client.post(SUITEQL, **request_ | {"headers": headers})

    assert said(response) == (expected or (400, "INVALID_PARAMETER"))


def test_a_query_without_end_is_ended(
    erp: Any, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything joined with everything keeps nobody waiting for long."""
    monkeypatch.setattr("sandbox.netsuite.query.MAX_STEPS", 100_000)
    monkeypatch.setattr("sandbox.netsuite.query.STEPS_AT_ONCE", 1000)
    everything = ", ".join(f"accountingperiod p{number}" for number in range(4))

    endless = erp.suiteql(f"SELECT COUNT(*) FROM {everything}")
    after = erp.suiteql("SELECT COUNT(*) FROM customer")

    assert said(endless) == (400, "INVALID_PARAMETER")
    assert after.status_code == 200

"""SuiteQL as its guides, and those who fell into its traps, describe it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

STAMP = "'YYYY-MM-DD HH24:MI:SS'"
AT = "'2026-10-05 20:00:00'"
SUITEQL = "https://1234567.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql"
Said = Callable[[httpx.Response], tuple[int, str]]


def test_all_values_are_text_and_nulls_are_left_out(reading: Any) -> None:
    """A row has `links`, booleans are T or F, days look as the account prefers."""
    response = reading.suiteql(
        "SELECT id, email, isinactive, currency, BUILTIN.DF(currency) AS iso, "
        "lastmodifieddate AS seen FROM customer WHERE id = 1001"
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
    """One table, told apart by type; a status is displayed with its type."""
    query = (
        "SELECT t.id, t.foreigntotal, BUILTIN.DF(t.status) AS status, "
        "BUILTIN.DF(t.entity) AS entity, "
        "TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, "
        f"TO_CHAR(t.lastmodifieddate, {STAMP}) AS lastmodifieddate "
        "FROM transaction t WHERE t.type = 'CustInvc' ORDER BY t.id DESC"
    )

    found = reading.rows(query)
    payments = reading.rows("SELECT id FROM transaction WHERE type='CustPymt'")

    assert [row["id"] for row in found] == ["10005", "10000", "9995"]
    assert found[1] == {
        "id": "10000",
        "foreigntotal": "1234.5",
        "status": "Invoice : Open",
        "entity": "CUST1",
        "trandate": "2026-10-05",
        "lastmodifieddate": "2026-10-05 20:00:00",
    }
    assert payments == [{"id": "10010"}]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("id > 9999 AND type = 'CustInvc'", ["10000", "10005"]),
        ("id IN ('9995', 10010)", ["9995", "10010"]),
        ("id NOT IN (9995, 10010)", ["10000", "10005"]),
        ("id BETWEEN 10000 AND 10005", ["10000", "10005"]),
        ("NOT (id = 9995 OR type = 'CustPymt')", ["10000", "10005"]),
        ("externalid IS NOT NULL AND id < 10000", ["9995"]),
        ("externalid IS NULL", []),
        ("externalid = ''", []),
        ("externalid IN ('x_9995', '')", ["9995"]),
        ("duedate > '11/3/2026'", ["10000"]),
        ("type = 'SalesOrd'", []),
        ("type IN ('CustPymt', 'Journal')", ["10010"]),
        (f"lastmodifieddate > TO_TIMESTAMP('2026-10-05 20:00:00', {STAMP})", []),
        (
            (
                f"lastmodifieddate > TO_TIMESTAMP({AT}, {STAMP}) OR (lastmodifieddate"
                f" = TO_DATE({AT}, {STAMP}) AND id > 10000)"
            ),
            ["10005", "10010"],
        ),
        ("trandate >= TO_DATE('2026-10-06', 'YYYY-MM-DD')", []),
        ("trandate = DATE '2026-10-05' AND foreigntotal = 0.1", ["10005"]),
        (
            (
                f"TO_CHAR(lastmodifieddate, {STAMP}) >= {AT} AND foreigntotal = 1234.5 "
                "AND id != 9995"
            ),
            ["10000", "10010"],
        ),
        ("tranid LIKE 'CustInvc-1%'", ["10000", "10005"]),
        ("tranid LIKE 'custinvc%'", []),
        ("tranid NOT LIKE 'Cust%'", []),
        ("externalid LIKE 'x!_9995' ESCAPE '!'", ["9995"]),
        ("foreigntotal IN (SELECT MAX(foreigntotal) FROM transaction)", 3),
        ("entity IN (SELECT id FROM customer WHERE entityid = 'CUST2')", []),
        ("ROWNUM <= 2", 2),
    ],
)
def test_suiteql_finds_what_it_says(
    reading: Any, where: str, found: list[str] | int
) -> None:
    """Numbers compare as numbers, instants as instants, null is never equal."""
    query = f"SELECT id FROM transaction WHERE {where} ORDER BY id"
    ids = [row["id"] for row in reading.rows(query)]

    assert (len(ids) if isinstance(found, int) else ids) == found


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("UPPER(externalid) || '-' || email", "CUS_1-"),
        ("NVL(email, 'none')", "none"),
        ("NVL2(email, 'has', 'has not')", "has not"),
        ("DECODE(isinactive, 'F', 'active', 'gone')", "active"),
        ("CASE WHEN id > 1000 THEN 'new' ELSE 'old' END", "new"),
        ("NULLIF(country, 'US')", None),
        ("TO_CHAR(lastmodifieddate, 'DD-MON-YY HH:MI AM')", "01-OCT-26 11:00 AM"),
        ("TO_CHAR(lastmodifieddate, 'FMMonth D, Q')", "October 5, 4"),
        ("TRUNC(lastmodifieddate, 'YYYY')", "1/1/2026"),
        ("TO_CHAR(TRUNC(lastmodifieddate), 'HH24:MI')", "00:00"),
        ("TO_CHAR(1234.5, 'FM9,999.00')", "1,234.50"),
        ("ADD_MONTHS(DATE '2026-01-31', 1)", "2/28/2026"),
        ("LAST_DAY(lastmodifieddate)", "10/31/2026"),
        ("MONTHS_BETWEEN(DATE '2026-03-15', DATE '2026-01-15')", "2"),
        ("EXTRACT(YEAR FROM lastmodifieddate)", "2026"),
        ("SYSDATE", "11/1/2026"),
        ("SYSDATE - 1", "10/31/2026"),
        ("0.1 + 0.2", "0.3"),
        ("10 / 4", "2.5"),
        ("ROUND(2.345, 2)", "2.35"),
        ("TRUNC(2.349, 2)", "2.34"),
        ("MOD(7, 3) + CEIL(0.2) + FLOOR(1.9) - ABS(-1)", "2"),
        ("SUBSTR(companyname, 1, 4)", "Cust"),
        ("INSTR(companyname, '1')", "10"),
        ("REPLACE(TRIM(' a b '), ' ', '')", "ab"),
        ("GREATEST(1, 3, 2)", "3"),
        ("TO_NUMBER('12.50')", "12.5"),
        ("LENGTH(id)", "4"),
        ("COALESCE(email, phone, 'x')", "x"),
        ("TO_CHAR(lastmodifieddate)", "10/1/2026"),
    ],
)
def test_functions_do_what_oracle_s_do(
    reading: Any, expression: str, shown: str | None
) -> None:
    """Text, numbers and days, each as SuiteQL would show them."""
    (row,) = reading.rows(f"SELECT {expression} AS x FROM customer WHERE id = 1001")

    assert row.get("x") == shown


def test_tables_join(reading: Any) -> None:
    """Inner and outer joins, over links, with conditions on both sides."""
    paid = reading.rows(
        "SELECT i.tranid AS invoice, p.tranid AS payment, c.companyname "
        "FROM transaction i "
        "JOIN NextTransactionLink l ON l.previousdoc = i.id AND l.linktype = 'Payment' "
        "JOIN transaction p ON p.id = l.nextdoc "
        "JOIN customer c ON c.id = i.entity WHERE i.type = 'CustInvc'"
    )
    bare = reading.rows(
        "SELECT c.id, COUNT(t.id) AS n FROM customer c LEFT JOIN transaction t "
        "ON t.entity = c.id AND t.type = 'CustInvc' GROUP BY c.id ORDER BY c.id"
    )
    unlinked = reading.rows(
        "SELECT t.id FROM transaction t WHERE t.type = 'CustInvc' AND NOT EXISTS "
        "(SELECT 1 FROM nexttransactionlink l WHERE l.previousdoc = t.id) ORDER BY 1"
    )

    assert paid == [
        {
            "invoice": "CustInvc-9995",
            "payment": "CustPymt-10010",
            "companyname": "Customer 1",
        }
    ]
    assert bare == [{"id": "1001", "n": "3"}, {"id": "1002", "n": "0"}]
    assert unlinked == [{"id": "10000"}, {"id": "10005"}]


def test_groups_are_counted_and_added_exactly(erp: Any) -> None:
    """A sum of a thousand dimes is a hundred: no double's drift."""
    for number in range(1000):
        erp.store.keep(
            "netsuite",
            "invoice",
            {
                "id": str(20_000 + number),
                "type": "CustInvc",
                "entity": "1002",
                "foreigntotal": Decimal("0.1"),
                "lastmodifieddate": "2026-10-05 20:00:00",
            },
        )

    rows = erp.rows(
        "SELECT entity, SUM(foreigntotal) AS total, COUNT(*) AS n, AVG(foreigntotal) AS"
        " mean FROM transaction WHERE type = 'CustInvc' GROUP BY entity"
        " HAVING COUNT(*) > 10 ORDER BY SUM(foreigntotal) DESC"
    )

    assert rows == [{"entity": "1002", "total": "100", "n": "1000", "mean": "0.1"}]


def test_subqueries_unions_and_windows_of_rows(reading: Any) -> None:
    """A page by ROWNUM as people write it, TOP, DISTINCT, UNION and a scalar."""
    window = reading.rows(
        "SELECT * FROM (SELECT ROWNUM AS rn, q.id FROM "
        "(SELECT id FROM transaction ORDER BY id) q WHERE ROWNUM <= 3) WHERE rn >= 2"
    )
    top = reading.rows("SELECT TOP 2 id FROM transaction ORDER BY id DESC")
    both = reading.rows(
        "SELECT id FROM customer UNION ALL SELECT id FROM item ORDER BY 1"
    )
    mixed = reading.rows(
        "SELECT id FROM customer UNION ALL SELECT id FROM account WHERE id = 1"
    )
    inner = reading.rows(
        "SELECT id FROM item WHERE 1001 IN (SELECT id FROM customer ORDER BY email)"
    )
    months = reading.rows(
        "SELECT DISTINCT TO_CHAR(trandate, 'MON') AS m FROM transaction"
        " ORDER BY TO_CHAR(trandate, 'MON')"
    )
    kinds = reading.rows("SELECT DISTINCT type FROM transaction ORDER BY type")
    scalar = reading.rows(
        "SELECT c.id, (SELECT MAX(t.id) FROM transaction t WHERE t.entity = c.id) AS"
        " last FROM customer c ORDER BY c.id"
    )

    assert reading.rows("SELECT 2 * 21 AS x, dummy FROM dual") == [
        {"x": "42", "dummy": "X"}
    ]
    assert [row["id"] for row in mixed] == ["1001", "1002", "1"]
    assert (inner, months) == ([{"id": "301"}], [{"m": "OCT"}])
    assert window == [{"rn": "2", "id": "10000"}, {"rn": "3", "id": "10005"}]
    assert top == [{"id": "10010"}, {"id": "10005"}]
    assert [row["id"] for row in both] == ["301", "1001", "1002"]
    assert [row["type"] for row in kinds] == ["CustInvc", "CustPymt"]
    assert scalar == [{"id": "1001", "last": "10010"}, {"id": "1002"}]


def test_nulls_come_where_oracle_puts_them(reading: Any) -> None:
    """Last in ascending order, first in descending order."""
    up = reading.rows("SELECT id FROM customer ORDER BY email, id")
    down = reading.rows("SELECT id FROM customer ORDER BY email DESC, id")

    assert [row["id"] for row in up] == ["1002", "1001"]
    assert [row["id"] for row in down] == ["1001", "1002"]


def test_links_join_their_two_documents(reading: Any) -> None:
    """The application of a payment has no id of its own; it is put together."""
    query = (
        "SELECT previousdoc || '-' || nextdoc AS id, previousdoc, foreignamount "
        "FROM NextTransactionLink WHERE linktype = 'Payment' AND (previousdoc > 1 OR "
        "(previousdoc = 1 AND nextdoc > 1)) ORDER BY previousdoc, nextdoc"
    )

    assert reading.rows(query) == [
        {"id": "9995-10010", "previousdoc": "9995", "foreignamount": "1234.5"}
    ]


def test_periods_accounts_and_currencies_can_be_read(reading: Any) -> None:
    """The lists that every account has."""
    (period,) = reading.rows(
        "SELECT periodname, closed FROM accountingperiod WHERE startdate <= '10/5/2026'"
        " AND enddate >= '10/5/2026'"
    )
    (currency,) = reading.rows("SELECT id FROM currency WHERE symbol = 'EUR'")

    assert period == {"periodname": "Oct 2026", "closed": "F"}
    assert currency == {"id": "4"}
    assert reading.rows("SELECT id FROM account WHERE accttype = 'AcctRec'")
    assert reading.rows("SELECT id FROM subsidiary")


def test_pages_are_cut_by_limit_and_offset(reading: Any) -> None:
    """Count, total, whether more follow, and the links to them."""
    query = "SELECT id FROM transaction ORDER BY lastmodifieddate, id"

    first = reading.suiteql(query, limit=3).json()
    second = reading.suiteql(query, limit=3, offset=3).json()
    beyond = reading.suiteql(query, limit=3, offset=30).json()

    assert [row["id"] for page in (first, second) for row in page["items"]] == [
        "9995",
        "10000",
        "10005",
        "10010",
    ]
    assert [
        (page["count"], page["hasMore"], page["totalResults"])
        for page in (first, second, beyond)
    ] == [(3, True, 4), (1, False, 4), (0, False, 4)]
    assert [link["rel"] for link in first["links"]] == ["next", "last", "self"]
    assert first["links"][0]["href"] == f"{SUITEQL}?limit=3&offset=3"


def test_pages_by_offset_lose_a_row_when_the_table_moves(erp: Any) -> None:
    """Without an order, a row that changes between two pages shifts the others."""
    query = "SELECT id FROM transaction WHERE type = 'CustInvc'"

    first = erp.rows(query, limit=1)
    erp.record("PATCH", "invoice/9995", json={"memo": "touched"})
    second = erp.rows(query, limit=1, offset=1)

    assert (first, second) == ([{"id": "9995"}], [{"id": "10005"}])


def test_a_query_ends_at_a_hundred_thousand_rows(
    erp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies beyond is silently not there, whichever way one pages."""
    monkeypatch.setattr("sandbox.netsuite.query.MAX_ROWS", 3)
    query = "SELECT id FROM transaction ORDER BY id"

    first = erp.suiteql(query, limit=2).json()
    second = erp.suiteql(query, limit=2, offset=2).json()

    assert (first["totalResults"], first["hasMore"]) == (3, True)
    assert [row["id"] for row in second["items"]] == ["10005"]
    assert second["hasMore"] is False


def test_stamps_are_in_the_account_s_time_zone(erp: Any) -> None:
    """An account in Los Angeles shows, and understands, its own wall's time."""
    erp.set(time_zone="America/Los_Angeles")
    query = f"SELECT TO_CHAR(lastmodifieddate, {STAMP}) AS at FROM customer WHERE id = "

    shown = erp.rows(f"{query} 1001")
    since = erp.rows(
        f"{query} 1001 AND lastmodifieddate >= TO_DATE('2026-10-01 04:00:00', {STAMP})"
    )
    after = erp.rows(
        f"{query} 1001 AND lastmodifieddate > TO_DATE('2026-10-01 04:00:00', {STAMP})"
    )

    assert shown == since == [{"at": "2026-10-01 04:00:00"}]
    assert after == []


def test_days_are_written_as_the_account_prefers(erp: Any) -> None:
    """Day first, as in Europe: the same text then means another day."""
    erp.set(date_format="DD.MM.YYYY")

    rows = erp.rows("SELECT trandate FROM transaction WHERE trandate = '05.10.2026'")

    assert rows[0] == {"trandate": "05.10.2026"}


def test_a_field_that_drifts_away_is_unknown(erp: Any, said: Said) -> None:
    """A removed column is refused, an added one is there."""
    erp.set(
        drift=[
            {"object": "customer", "field": "email", "change": "removed"},
            {"object": "customer", "field": "custentity_tier", "change": "added"},
        ]
    )

    gone = erp.suiteql("SELECT email FROM customer")
    new = erp.rows("SELECT id, custentity_tier FROM customer WHERE id = 1001")

    assert said(gone) == (400, "INVALID_PARAMETER")
    assert new == [{"id": "1001"}]


def test_a_record_that_the_role_may_not_see_is_not_found(erp: Any) -> None:
    """SuiteQL says so in its own way."""
    erp.set(denied=["customer"])

    assert (
        "Record 'customer' was not found" in erp.suiteql("SELECT id FROM customer").text
    )

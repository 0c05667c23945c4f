"""Pages and lookups are found by an index, however many rows there are."""

from typing import Any

import pytest

from sandbox.netsuite import suiteql
from sandbox.netsuite.query import settings
from sandbox.store import column

STAMP = "'YYYY-MM-DD HH24:MI:SS'"
SINCE = f"TO_TIMESTAMP('2026-10-01 00:00:00', {STAMP})"
CHANGED = (
    f"(lastmodifieddate > {SINCE} OR (lastmodifieddate = {SINCE} AND id > 5))"
    " ORDER BY lastmodifieddate, id"
)
LINES = "FROM transaction t JOIN transactionline tl ON tl.transaction = t.id"
AFTER = (
    "(previousdoc > 5 OR (previousdoc = 5 AND nextdoc > 6)) ORDER BY previousdoc,"
    " nextdoc"
)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, email FROM customer WHERE id > 5 ORDER BY id",
        f"SELECT id, email FROM customer WHERE {CHANGED}",
        "SELECT id FROM transaction WHERE type = 'CustInvc' AND id > 5 ORDER BY id",
        "SELECT id, tranid FROM transaction WHERE id > 5 ORDER BY id",
        f"SELECT id FROM transaction WHERE type = 'CustPymt' AND {CHANGED}",
        f"SELECT nextdoc FROM NextTransactionLink WHERE linktype='Payment' AND {AFTER}",
        f"SELECT tl.rate {LINES} WHERE t.type = 'CustInvc' AND t.id > 5 ORDER BY t.id",
    ],
)
def test_a_page_is_found_by_an_index(reading: Any, query: str) -> None:
    """No table is read from its beginning, and nothing is sorted anew for a page."""
    plan = suiteql.understand(query, settings(reading.store))

    steps = explained(reading, plan.sql, plan.values)

    assert not [step for step in steps if step.startswith(("SCAN", "USE TEMP B-TREE"))]


@pytest.mark.parametrize("where", ["externalid IN ('a', 'b')", "id IN (5, 6)"])
def test_records_are_looked_up_by_an_index(reading: Any, where: str) -> None:
    """As a writer does before and after it writes; few rows may be sorted."""
    query = f"SELECT id FROM transaction WHERE {where}"
    plan = suiteql.understand(query, settings(reading.store))

    steps = explained(reading, plan.sql, plan.values)

    assert not [step for step in steps if step.startswith("SCAN")]


NAMED = f"{column('entityid')} = 'x'"


@pytest.mark.parametrize(
    "sql",
    [
        'select max(cast(id as integer)) from "netsuite/invoice"',
        f'select 1 from "netsuite/customer" where {NAMED}',
    ],
)
def test_a_write_looks_up_by_an_index(reading: Any, sql: str) -> None:
    """The next id, and whether a name is taken."""
    assert all("INDEX" in step for step in explained(reading, sql, []))


def explained(erp: Any, sql: str, values: list[Any]) -> list[str]:
    """Return the steps that SQLite would take."""
    return [step[-1] for step in erp.store.rows(f"explain query plan {sql}", values)]

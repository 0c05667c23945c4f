"""How things may stand at NetSuite: a replica behind, a schema that moved, refusals."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

REST = "https://1234567.suitetalk.api.netsuite.com/services/rest"
Said = Callable[[httpx.Response], tuple[int, str]]


def test_suiteql_is_as_old_as_its_replica(erp: Any) -> None:
    """A write is in the record at once, and in SuiteQL when it has arrived."""
    erp.set(replica_lag_seconds=60)
    query = "SELECT companyname FROM customer WHERE id = 1001"
    before = [{"companyname": "Customer 1"}]

    erp.record("PATCH", "customer/1001", json={"companyName": "Other"})
    erp.clock.advance(59)
    behind = erp.rows(query)
    record = erp.record("GET", "customer/1001").json()
    erp.clock.advance(2)
    arrived = erp.rows(query)

    assert behind == before
    assert record["companyName"] == "Other"
    assert arrived == [{"companyname": "Other"}]


def test_what_is_made_and_deleted_arrives_late_too(erp: Any) -> None:
    """A new record, a deleted one, its tombstone, and the names that are displayed."""
    erp.set(replica_lag_seconds=60)
    ids = "SELECT id FROM customer ORDER BY id"
    queries = (
        ids,
        "SELECT recordid FROM deletedrecord",
        "SELECT DISTINCT BUILTIN.DF(entity) AS name FROM transaction",
        "WITH c AS (SELECT id FROM customer) SELECT COUNT(*) AS n FROM c",
    )

    erp.record("POST", "customer", json={"companyName": "New", "entityId": "NEW"})
    erp.record("DELETE", "customer/1002")
    erp.record("PATCH", "customer/1001", json={"entityId": "RENAMED"})
    behind = [erp.rows(query) for query in queries]
    total = erp.suiteql(ids, limit=1).json()["totalResults"]
    erp.clock.advance(61)
    arrived = [erp.rows(query) for query in queries]

    assert behind == [
        [{"id": "1001"}, {"id": "1002"}],
        [],
        [{"name": "CUST1"}],
        [{"n": "2"}],
    ]
    assert total == 2
    assert arrived == [
        [{"id": "1001"}, {"id": "1003"}],
        [{"recordid": "1002"}],
        [{"name": "RENAMED"}],
        [{"n": "2"}],
    ]


def test_a_record_written_twice_shows_what_it_was_before_both(erp: Any) -> None:
    """The replica shows one state, not a mixture of two."""
    for name in ("First", "Second"):
        erp.record("PATCH", "customer/1001", json={"companyName": name})
        erp.clock.advance(30)

    seen = []
    for lag in (70, 45, 15):
        erp.set(replica_lag_seconds=lag)
        (row,) = erp.rows("SELECT companyname FROM customer WHERE id = 1001")
        seen.append(row["companyname"])

    assert seen == ["Customer 1", "First", "Second"]


def test_a_retyped_column_shows_text_and_no_longer_adds_up(
    erp: Any, said: Said
) -> None:
    """A number that became a text is shown with words, and refuses arithmetic."""
    before = erp.rows("SELECT foreigntotal FROM transaction WHERE id = 10000")

    erp.set(
        drift=[{"object": "transaction", "field": "foreigntotal", "change": "retyped"}]
    )
    after = erp.rows("SELECT foreigntotal FROM transaction WHERE id = 10000")
    found = erp.rows("SELECT id FROM transaction WHERE foreigntotal = 'No. 1234.5'")
    added = erp.suiteql("SELECT SUM(foreigntotal) AS total FROM transaction")
    erp.set(drift=None)

    assert before == [{"foreigntotal": "1234.5"}]
    assert after == [{"foreigntotal": "No. 1234.5"}]
    assert [row["id"] for row in found] == ["9995", "10000", "10010"]
    assert said(added) == (400, "INVALID_PARAMETER")
    assert erp.rows("SELECT foreigntotal FROM transaction WHERE id = 10000") == before


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        ((429, "CONCURRENCY_LIMIT_EXCEEDED"), "Concurrent request limit exceeded."),
        ((500, "UNEXPECTED_ERROR"), "An unexpected error occurred."),
        ((503, "UNEXPECTED_ERROR"), "An unexpected error occurred."),
        ((401, "INVALID_LOGIN"), "Invalid login attempt."),
    ],
)
@pytest.mark.parametrize(
    "path", ["query/v1/suiteql", "record/v1/customer/1001", "record/v1/invoice"]
)
def test_a_planned_failure_is_said_in_netsuite_s_words(
    erp: Any, said: Said, planned: tuple[int, str], words: str, path: str
) -> None:
    """A caller cannot tell it from the vendor's own: status, code and sentence."""
    fault = {"system": "netsuite", "kind": "status", "status": planned[0]}
    erp.client.post("https://sandbox.test/_sandbox/faults", json=[fault])

    spoiled = erp.client.get(f"{REST}/{path}")
    after = erp.record("GET", "customer/1001")

    assert said(spoiled) == planned
    (detail,) = spoiled.json()["o:errorDetails"]
    assert detail["detail"].startswith(words)
    assert ("www-authenticate" in spoiled.headers) == (planned[0] == 401)
    assert after.status_code == 200


def test_a_planned_429_is_the_one_of_a_busy_account(erp: Any) -> None:
    """Both have the same body: one rule of a client fits both."""
    erp.client.post(
        "https://sandbox.test/_sandbox/faults",
        json=[{"system": "netsuite", "kind": "status", "status": 429}],
    )
    planned = erp.record("GET", "customer/1001")

    erp.set(concurrency_limit=0)
    busy = erp.record("GET", "customer/1001")

    assert planned.json() == busy.json()

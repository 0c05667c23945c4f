"""Queries that answer from a state some seconds old, while a record is the newest."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"
OTHER = "001Hs0000000002IAA"
WINDOW = {"start": "2026-10-31T12:00:00Z", "end": "2026-11-01T14:00:00Z"}


@pytest.fixture
def lagging(served: Any) -> Any:
    """An hour old organisation whose queries are a minute behind."""
    served.clock.advance(3600)
    served.conditions(query_lag_seconds=60)
    return served


def names(org: Any, where: str = "") -> list[str]:
    """Return the accounts' names as a query sees them."""
    return [
        each["Name"]
        for each in org.found(f"SELECT Name FROM Account{where} ORDER BY Id")
    ]


def test_a_query_sees_a_change_late_and_a_read_at_once(lagging: Any) -> None:
    """The record's own address shows what was written; the query does so afterwards."""
    lagging.salesforce.patch(f"sobjects/Account/{ACCOUNT}", json={"Name": "New"})
    lagging.salesforce.patch(f"sobjects/Account/{ACCOUNT}", json={"Name": "Newer"})

    read = lagging.salesforce.get(f"sobjects/Account/{ACCOUNT}").json()["Name"]
    before = names(lagging, f" WHERE Id = '{ACCOUNT}'")
    lagging.clock.advance(60)
    after = names(lagging, f" WHERE Id = '{ACCOUNT}'")

    assert (read, before, after) == ("Newer", ["Customer 1"], ["Newer"])


def test_new_and_deleted_records_come_and_go_late(lagging: Any) -> None:
    """Rows, counts, groups, parents and children are all of the same moment."""
    counted = "SELECT COUNT(Id) n FROM Account WHERE Type = 'Customer' GROUP BY Type"
    through = f"SELECT Account.Name FROM Contact WHERE AccountId = '{ACCOUNT}'"
    within = "SELECT (SELECT Id FROM Contacts) FROM Account ORDER BY Id LIMIT 1"

    def seen() -> list[Any]:
        children = lagging.soql(within).json()["records"][0]["Contacts"]
        return [
            len(names(lagging)),
            lagging.soql("SELECT COUNT() FROM Account").json()["totalSize"],
            lagging.found(counted)[0]["n"],
            len(lagging.found(through)),
            children and children["totalSize"],
        ]

    first = seen()
    lagging.salesforce.post("sobjects/Account", json={"Name": "x", "Type": "Customer"})
    lagging.salesforce.post(
        "sobjects/Contact", json={"LastName": "x", "AccountId": ACCOUNT}
    )
    lagging.salesforce.delete(f"sobjects/Account/{OTHER}")
    during = seen()
    lagging.clock.advance(60)

    assert during == first == [3, 3, 3, 2, 2]
    assert seen() == [3, 3, 3, 3, 3]


def test_the_recycle_bin_is_as_old(lagging: Any) -> None:
    """A record is not seen in it before a query misses it."""
    lagging.salesforce.delete(f"sobjects/Account/{ACCOUNT}")
    asked = {"q": "SELECT Id FROM Account WHERE IsDeleted = true ORDER BY Id"}

    before = lagging.salesforce.get("queryAll", params=asked).json()["totalSize"]
    lagging.clock.advance(60)
    after = lagging.salesforce.get("queryAll", params=asked).json()["totalSize"]

    assert (before, after) == (1, 2)


def test_a_bulk_query_is_as_late(lagging: Any) -> None:
    """Its rows are those of a query at the same moment."""
    lagging.salesforce.patch(f"sobjects/Account/{ACCOUNT}", json={"Name": "New"})
    body = {"operation": "query", "query": "SELECT Name FROM Account ORDER BY Id"}

    job = lagging.salesforce.post("jobs/query", json=body).json()["id"]
    rows = lagging.salesforce.get(f"jobs/query/{job}/results").text.splitlines()

    assert rows[1] == '"Customer 1"'


def test_updated_and_deleted_promise_no_more_than_is_seen(lagging: Any) -> None:
    """Who follows latestDateCovered loses no change, not even a late commit."""

    def asked(what: str, start: str = WINDOW["start"]) -> Any:
        window = WINDOW | {"start": start}
        path = f"sobjects/Account/{what}/"
        return lagging.salesforce.get(path, params=window).json()

    lagging.store.commit_late(
        *("salesforce", "Account", ACCOUNT, {"Name": "Late"}),
        seconds=300,
        actor="human",
        request_id="edit",
    )
    lagging.clock.advance(310)
    lagging.salesforce.delete(f"sobjects/Account/{OTHER}")
    unseen, kept = asked("updated"), asked("deleted")
    lagging.clock.advance(120)
    found = asked("updated", unseen["latestDateCovered"])
    gone = asked("deleted", kept["latestDateCovered"])

    # The late commit is stamped with its beginning, an hour after the sandbox's.
    assert unseen == {"ids": [], "latestDateCovered": "2026-11-01T13:00:00.000+0000"}
    assert kept["deletedRecords"] == []
    assert found["ids"] == [ACCOUNT]
    assert [each["id"] for each in gone["deletedRecords"]] == [OTHER]
    # Without a change since, all is seen but the last minute: 13:07:10 less 60 s.
    assert found["latestDateCovered"] == "2026-11-01T13:06:10.000+0000"


def test_a_search_by_external_id_is_no_query(lagging: Any) -> None:
    """An upsert finds what was just written, so that nothing is made twice."""
    path = "sobjects/Account/Concord_Id__c/c1"
    first = lagging.salesforce.patch(path, json={"Name": "One"})
    again = lagging.salesforce.patch(path, json={"Name": "One"})

    assert (first.status_code, again.status_code) == (201, 200)


def test_without_a_lag_a_query_sees_all(served: Any) -> None:
    """Which is what Salesforce does as a rule, and the sandbox by default."""
    served.salesforce.patch(f"sobjects/Account/{ACCOUNT}", json={"Name": "New"})

    assert names(served, f" WHERE Id = '{ACCOUNT}'") == ["New"]


@pytest.mark.parametrize("lag", [10**9, 10**18, 0.4, -1, "x"])
def test_any_lag_is_answered(served: Any, lag: Any) -> None:
    """Nonsense is no lag, and an endless one ends."""
    served.conditions(query_lag_seconds=lag)

    assert len(names(served)) == 3

"""What Salesforce says was updated or deleted, and how far that is the truth."""

from typing import Any

import pytest

ACCOUNT = "001Hs0000000001IAA"
DAY = {"start": "2026-10-31T12:00:00Z", "end": "2026-11-01T13:00:00Z"}
NOW = "2026-11-01T12:00:00.000+0000"


def updated(org: Any, **window: str) -> Any:
    """Ask which accounts were updated."""
    return org.salesforce.get("sobjects/Account/updated/", params=DAY | window).json()


def test_an_updated_record_is_listed_once(served: Any) -> None:
    """Its id comes, however often it changed; nobody else's does."""
    served.edit("Account", ACCOUNT, Name="x")
    served.edit("Account", ACCOUNT, Name="y")

    assert updated(served) == {"ids": [ACCOUNT], "latestDateCovered": NOW}


def test_an_open_transaction_holds_the_coverage_back(served: Any) -> None:
    """What will be stamped with the past is promised for the next window."""
    served.clock.advance(60)
    served.store.commit_late(
        *("salesforce", "Account", ACCOUNT, {"Name": "Late"}),
        seconds=120,
        actor="human",
        request_id="edit",
    )
    served.clock.advance(60)
    during = updated(served)
    served.clock.advance(60)
    after = updated(served, start=during["latestDateCovered"])

    assert during == {"ids": [], "latestDateCovered": "2026-11-01T12:01:00.000+0000"}
    assert after["ids"] == [ACCOUNT]
    assert (
        served.held("Account", ACCOUNT)["SystemModstamp"]
        == (during["latestDateCovered"])
    )


def test_a_window_in_the_past_is_covered_to_its_end(served: Any) -> None:
    """No more is promised than was asked."""
    assert updated(served, end="2026-11-01T10:00:00Z")["latestDateCovered"] == (
        "2026-11-01T10:00:00.000+0000"
    )


def test_seconds_of_a_window_are_cut_off(served: Any) -> None:
    """What changed after the last whole minute waits for the next call."""
    served.clock.advance(5)
    served.edit("Account", ACCOUNT, Name="x")
    served.clock.advance(65)

    soon = updated(served, end="2026-11-01T12:00:59Z")
    later = updated(served, end="2026-11-01T12:01:59Z")

    assert soon == {"ids": [], "latestDateCovered": NOW}
    assert later == {
        "ids": [ACCOUNT],
        "latestDateCovered": "2026-11-01T12:01:00.000+0000",
    }


def test_deleted_records_are_listed_with_their_time(served: Any) -> None:
    """The bin's records come; one that was deleted for good does not."""
    served.salesforce.delete(f"sobjects/Account/{ACCOUNT}")
    served.store.delete(
        *("salesforce", "Account", "001Hs0000000002IAA"), actor="human", request_id="x"
    )

    answer = served.salesforce.get("sobjects/Account/deleted", params=DAY).json()

    assert answer == {
        "deletedRecords": [{"id": ACCOUNT, "deletedDate": NOW}],
        "earliestDateAvailable": "2026-10-02T09:00:00.000+0000",
        "latestDateCovered": NOW,
    }


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({"end": "2026-10-31T12:01:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"end": "2026-10-30T12:00:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"start": "2026-10-01T11:00:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"start": "yesterday"}, "INVALID_REPLICATION_DATE"),
        ({"start": "0001-01-01T00:00:00+14:00"}, "INVALID_REPLICATION_DATE"),
        ({"start": ""}, "MISSING_ARGUMENT"),
    ],
)
def test_a_window_has_rules(reading: Any, window: dict[str, str], code: str) -> None:
    """Longer than a minute, within 30 days, and a window at all."""
    [error] = updated(reading, **window)

    assert error["errorCode"] == code


def test_too_many_ids_are_refused(served: Any) -> None:
    """More changes than one answer may list: shorten the window."""
    served.conditions(max_changed_ids=1)
    served.edit("Account", ACCOUNT, Name="x")
    one = updated(served)
    served.edit("Account", "001Hs0000000002IAA", Name="x")

    assert one["ids"] == [ACCOUNT]
    assert updated(served)[0]["errorCode"] == "EXCEEDED_ID_LIMIT"


def test_a_merged_record_names_its_master(served: Any) -> None:
    """People merge at the screen: the loser lies in the bin and names the winner."""
    winner = "001Hs0000000002IAA"
    served.edit("Account", ACCOUNT, IsDeleted=True, MasterRecordId=winner)

    deleted = served.salesforce.get("sobjects/Account/deleted", params=DAY).json()
    query = f"SELECT MasterRecord.Name FROM Account WHERE Id = '{ACCOUNT}'"
    rows = served.salesforce.get("queryAll", params={"q": query}).json()["records"]

    assert [each["id"] for each in deleted["deletedRecords"]] == [ACCOUNT]
    assert [row["MasterRecord"]["Name"] for row in rows] == ['O\'Hara & "Söhne"']
    assert updated(served)["ids"] == []

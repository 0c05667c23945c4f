"""Pages of a Salesforce query: none lost, none twice, and forgotten in time."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox.clients import in_process
from sandbox.salesforce.api import Salesforce

HOST = "https://concord.my.salesforce.com"
SMALL = {"Sforce-Query-Options": "batchSize=200"}


@pytest.fixture
def crowded(served: Any) -> Any:
    """An organisation with 503 accounts that a query sees."""
    with served.store.transaction():
        for number in range(500):
            served.store.create(
                "salesforce",
                "Account",
                {"Id": f"001Hs0000001{number:03}AAA", "Name": f"N{number}"},
                actor="test",
                request_id="",
            )
    return served


def test_pages_follow_one_another(crowded: Any) -> None:
    """A long answer comes in pages of the size asked for, and no row is lost."""
    page = crowded.soql("SELECT Id FROM Account ORDER BY Id", **SMALL).json()
    pages = [page]
    while "nextRecordsUrl" in page:
        page = crowded.salesforce.get(HOST + page["nextRecordsUrl"]).json()
        pages.append(page)

    ids = [row["Id"] for each in pages for row in each["records"]]
    assert [len(each["records"]) for each in pages] == [200, 200, 103]
    assert [each["done"] for each in pages] == [False, False, True]
    assert {each["totalSize"] for each in pages} == {503}
    assert ids == sorted(set(ids))


def test_a_change_between_pages_moves_no_row(crowded: Any) -> None:
    """The rows are those of the first page's moment; their values are today's."""
    query = "SELECT Id, Name FROM Account ORDER BY Name, Id"
    first = crowded.soql(query, **SMALL).json()
    seen = {row["Id"] for row in first["records"]}
    crowded.edit("Account", first["records"][0]["Id"], Name="ZZZ")

    second = crowded.salesforce.get(HOST + first["nextRecordsUrl"]).json()

    assert len(second["records"]) == 200
    assert not seen & {row["Id"] for row in second["records"]}


def test_a_locator_is_forgotten_after_two_days(crowded: Any) -> None:
    """A query locator lives for two days, across sessions, and not longer."""
    crowded.conditions(session_seconds=10**6)
    following = crowded.soql("SELECT Id FROM Account", **SMALL).json()["nextRecordsUrl"]
    token = crowded.salesforce.headers["authorization"].split()[1]
    crowded.store.keep("salesforce", "_token", {"Id": token, "until": 2**40})

    crowded.clock.advance(timedelta(days=2).total_seconds() - 1)
    before = crowded.salesforce.get(HOST + following)
    crowded.clock.advance(1)
    after = crowded.salesforce.get(HOST + following)

    assert before.status_code == 200
    assert (after.status_code, after.json()[0]["errorCode"]) == (
        400,
        "INVALID_QUERY_LOCATOR",
    )


def test_a_restart_forgets_neither_session_nor_pages(crowded: Any) -> None:
    """Sessions and what queries found lie in the store, not in the process."""
    following = crowded.soql("SELECT Id FROM Account", **SMALL).json()["nextRecordsUrl"]

    again = Salesforce(crowded.store, crowded.clock, crowded.keys)
    with in_process(again.api(), "salesforce") as client:
        page = client.get(HOST + following, headers=crowded.salesforce.headers)

    assert (page.status_code, len(page.json()["records"])) == (200, 200)


@pytest.mark.parametrize(
    "locator",
    ["01gXXXXXXXXXXXXXXX-2000", "x", "-1", "01g-99999999999", "01g-²"],
)
def test_an_unknown_page_is_refused(reading: Any, locator: str) -> None:
    """A query locator that nobody was given leads nowhere."""
    response = reading.salesforce.get(f"query/{locator}")

    assert (response.status_code, response.json()[0]["errorCode"]) == (
        400,
        "INVALID_QUERY_LOCATOR",
    )


def test_rows_with_children_come_in_smaller_pages(crowded: Any) -> None:
    """A query with a query inside it gives 500 rows at most."""
    page = crowded.soql("SELECT Id, (SELECT Id FROM Contacts) FROM Account").json()

    assert (len(page["records"]), page["done"]) == (500, False)


def test_groups_come_on_one_page_or_not_at_all(served: Any) -> None:
    """More than 2,000 groups are refused: there is no second page of them."""
    with served.store.transaction():
        for number in range(2001):
            record = {"Id": f"003Hs000001{number:04}AAA", "LastName": f"P{number}"}
            served.store.keep("salesforce", "Contact", record)
    query = "SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName"

    refused = served.soql(query)
    limited = served.soql(f"{query} LIMIT 2000")

    assert refused.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert limited.json()["totalSize"] == 2000

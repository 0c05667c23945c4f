"""Zendesk's search: its language, its order and its lag."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type:ticket status:open", [701, 702, 703, 704]),
        ("type:ticket status<solved", [701, 702, 703, 704]),
        ("type:ticket status>open", []),
        ("type:ticket priority:high", [701, 703]),
        ("type:ticket -priority:high", [702, 704]),
        ("type:ticket updated>2026-10-02", [702, 703, 704]),
        ("type:ticket updated>=2026-10-02T10:00:00Z updated<2026-10-04", [702, 703]),
        ("type:ticket created:2026-09-03", [703]),
        ("type:ticket updated<1year", [701, 702, 703, 704]),
        ("type:ticket requester:user2@c0.example", [701, 702, 703, 704]),
        ("type:ticket requester:503", []),
        ('type:ticket organization:"Customer 0"', [701, 702, 703, 704]),
        ("type:ticket tags:old assignee:none", []),
        ('type:ticket "ticket 3"', [703]),
        ("type:ticket subject:ticket*", [701, 702, 703, 704]),
        ("type:user role:admin", [501]),
        ("type:user email:USER3@c0.example", [503]),
        ("type:user organization:100", [502, 503]),
        ("type:organization support_tier:none", [100, 101, 102]),
        ("type:organization external_id:acc_0", [100]),
        ("type:organization nothing:x", []),
        ("customer", [100, 101, 102]),
        ("type:spaceship", []),
        ("%", []),
    ],
)
def test_a_query_finds(reading: Any, query: str, expected: list[int]) -> None:
    """Each form of the language finds what it says."""
    response = reading.zendesk.get("/search.json", params={"query": query})

    assert [each["id"] for each in response.json()["results"]] == expected
    assert response.json()["count"] == len(expected)


def test_pages_of_a_search_go_over_the_kinds(reading: Any) -> None:
    """Each result says what it is; the pages join without a gap."""
    url, found = "/search?query=updated>2026-01-01&per_page=4", []
    while url:
        page = reading.zendesk.get(url).json()
        found += [(each["result_type"], each["id"]) for each in page["results"]]
        url = page["next_page"]

    assert len(found) == page["count"] == 10
    assert len(set(found)) == 10
    assert found[0] == ("ticket", 701)


def test_results_are_sorted(reading: Any) -> None:
    """Newest first unless the caller says otherwise."""
    query = {"query": "type:ticket", "sort_by": "updated_at"}

    newest = reading.zendesk.get("/search", params=query).json()["results"]
    oldest = reading.zendesk.get(
        "/search", params=query | {"sort_order": "asc"}
    ).json()["results"]

    assert [each["id"] for each in newest] == [704, 703, 702, 701]
    assert [each["id"] for each in oldest] == [701, 702, 703, 704]


def test_the_index_lags(served: Any) -> None:
    """What was just written is found later, and found as it was until then."""
    served.conditions(search_lag_seconds=120)
    served.edit("organization", 101, name="Renamed")
    query = {"query": "type:organization name:Renamed"}

    at_once = served.zendesk.get("/search", params=query).json()["count"]
    before = served.zendesk.get(
        "/search", params={"query": 'type:organization name:"Customer 1"'}
    ).json()["count"]
    served.clock.advance(121)
    later = served.zendesk.get("/search", params=query).json()["count"]

    assert (at_once, before, later) == (0, 1, 1)


def test_the_cursor_of_an_export_lasts_an_hour(served: Any) -> None:
    """Then it has to begin again."""
    url = "/search/export?query=ticket&filter[type]=ticket&page[size]=3"
    first = served.zendesk.get(url).json()
    second = served.zendesk.get(first["links"]["next"]).json()
    served.clock.advance(3601)

    late = served.zendesk.get(first["links"]["next"])

    ids = [each["id"] for each in (*first["results"], *second["results"])]
    assert ids == [701, 702, 703, 704]
    assert (second["meta"]["has_more"], second["links"]["next"]) == (False, None)
    assert (late.status_code, late.json()["error"]) == (400, "InvalidCursor")

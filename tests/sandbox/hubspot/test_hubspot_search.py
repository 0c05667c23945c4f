"""HubSpot's search: operators, words, the cap of 10,000 and the lag of the index."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.hubspot.search import VENDOR_SEARCH_LAG_SECONDS

MODIFIED = "hs_lastmodifieddate"


def where(name: str, operator: str, **more: Any) -> dict[str, Any]:
    """Return a filter."""
    return {"propertyName": name, "operator": operator, **more}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (where("domain", "EQ", value="C1.example"), ["1"]),
        (where("name", "EQ", value="customer 1 gmbh"), ["1"]),
        (where("domain", "NEQ", value="c1.example"), ["0", "2", "3"]),
        (where("industry", "NEQ", value="RETAIL"), ["0", "1", "3"]),
        (where("annualrevenue", "GT", value="900"), ["0"]),
        (where("annualrevenue", "GTE", value="900.0"), ["0", "1"]),
        (where("annualrevenue", "LT", value="1e3"), ["1"]),
        (where("annualrevenue", "EQ", value="1000000.00"), ["0"]),
        (where("annualrevenue", "BETWEEN", value="900", highValue="901"), ["1"]),
        (where(MODIFIED, "GTE", value="2026-10-03"), ["2", "3"]),
        (where(MODIFIED, "GT", value="1791028800000"), ["3"]),
        (where(MODIFIED, "LTE", value="2026-10-01T12:00:00Z"), ["0"]),
        (where("annualrevenue", "IN", values=["900.00", "1"]), ["1"]),
        (where("hs_object_id", "GT", value="100000000000001"), ["2", "3"]),
        (where("hs_object_id", "LT", value="7"), []),
        (where("hs_object_id", "IN", values=["100000000000001"]), ["1"]),
        (where("industry", "HAS_PROPERTY"), ["2"]),
        (where("industry", "NOT_HAS_PROPERTY"), ["0", "1", "3"]),
        (where("domain", "IN", values=["c0.example", "c3.example"]), ["0", "3"]),
        (where("name", "IN", values=["customer 0 gmbh"]), ["0"]),
        (where("name", "IN", values=["Customer 0 GmbH"]), []),
        (where("domain", "NOT_IN", values=["c0.example"]), ["1", "2", "3"]),
        (where("industry", "NOT_IN", values=["RETAIL"]), ["0", "1", "3"]),
        (where("name", "CONTAINS_TOKEN", value="gmbh"), ["0", "1", "2"]),
        (where("name", "CONTAINS_TOKEN", value="gmb"), []),
        (where("name", "CONTAINS_TOKEN", value="gm*"), ["0", "1", "2"]),
        (where("name", "CONTAINS_TOKEN", value="west"), ["3"]),
        (where("name", "CONTAINS_TOKEN", value="100%"), ["3"]),
        (where("name", "NOT_CONTAINS_TOKEN", value="gmbh"), ["3"]),
    ],
)
def test_each_operator_finds_what_it_says(
    account: Any, given: dict[str, Any], found: list[str]
) -> None:
    """Filters compare texts without case, numbers as numbers, instants as such."""
    assert account.found("companies", given) == found


def test_groups_are_alternatives_and_filters_add_up(account: Any) -> None:
    """Within a group all filters must hold, of the groups any."""
    domain = where("domain", "HAS_PROPERTY")
    groups = [
        {"filters": [domain, where("industry", "EQ", value="RETAIL")]},
        {"filters": [where("annualrevenue", "GT", value="1000")]},
    ]

    answer = account.search("companies", filterGroups=groups).json()

    assert answer["total"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("customer", ["0", "1", "2"]),
        ("cust 2", ["2"]),
        ("c2.example", ["2"]),
        ("söhne", ["3"]),
        ("o'hara", ["3"]),
        ("nobody", []),
        ("", ["0", "1", "2", "3"]),
    ],
)
def test_words_are_looked_for_where_people_would(
    account: Any, query: str, found: list[str]
) -> None:
    """Every word of the query must begin a word of the name, domain or phone."""
    assert account.found("companies", query=query) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("-domain", ["3", "2", "1", "0"]),
        ({"propertyName": "annualrevenue", "direction": "DESCENDING"}, ["0", "1"]),
        ({"propertyName": MODIFIED}, ["0", "1"]),
    ],
)
def test_one_sort_orders_the_results(account: Any, sort: Any, found: list[str]) -> None:
    """Results are ordered by a property, numbers as numbers."""
    assert account.found("companies", sorts=[sort])[: len(found)] == found


def test_pages_follow_one_another(account: Any) -> None:
    """`after` is a place in the results, and the last page has none."""
    seen: list[str] = []
    after: str | None = "0"
    while after is not None:
        page = account.search(
            "contacts", sorts=["lastmodifieddate"], limit=90, after=after
        ).json()
        seen += [each["id"] for each in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")

    assert len(seen) == len(set(seen)) == page["total"] == 250


def test_nobody_gets_past_ten_thousand(account: Any) -> None:
    """A page that would end behind the ten thousandth result is refused."""
    last = account.search("contacts", after="9900", limit=100)
    beyond = account.search("contacts", after="9901", limit=100)

    assert (last.status_code, beyond.status_code) == (200, 400)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": -1},
        {"limit": "x"},
        {"after": "x"},
        {"filterGroups": [{"filters": []}] * 6},
        {"filterGroups": [{"filters": [where("name", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [where("name", "HAS_PROPERTY")] * 5}] * 4},
        {"filterGroups": "x"},
        {"filters": [where("nonsense", "EQ", value="x")]},
        {"filters": [where("name", "LIKE", value="x")]},
        {"filters": [where("name", "EQ")]},
        {"filters": [where("name", "IN", values=[])]},
        {"filters": [where("name", "CONTAINS_TOKEN", value="***")]},
        {"filters": [where("annualrevenue", "GT", value="much")]},
        {"filters": [where(MODIFIED, "GT", value="yesterday")]},
        {"sorts": ["name", "domain"]},
        {"sorts": ["nonsense"]},
        {"sorts": [{"propertyName": "name", "direction": "UP"}]},
        {"query": 1},
        {"query": "x" * 3001},
        {"properties": "name"},
    ],
)
def test_a_search_that_cannot_be_is_refused(account: Any, body: dict[str, Any]) -> None:
    """Too much, or what nobody understands, is a validation error."""
    answer = account.hubspot.post("/crm/v3/objects/companies/search", json=body)

    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_the_index_lags_behind_the_writes(account: Any) -> None:
    """A write is read at once, and found by search when the lag is over."""
    account.conditions(search_lag_seconds=VENDOR_SEARCH_LAG_SECONDS)
    path = "/crm/v3/objects/companies/100000000000001"
    account.hubspot.patch(path, json={"properties": {"city": "Ulm"}})
    in_ulm = where("city", "EQ", value="Ulm")
    read = account.hubspot.get(path, params={"properties": "city"}).json()

    at_once = account.found("companies", in_ulm)
    account.clock.advance(VENDOR_SEARCH_LAG_SECONDS)
    later = account.found("companies", in_ulm)

    assert read["properties"]["city"] == "Ulm"
    assert (at_once, later) == ([], ["1"])


def test_the_total_follows_the_writes(account: Any) -> None:
    """A total that was counted once is counted again after a write."""
    before = account.search("companies").json()["total"]
    account.hubspot.delete("/crm/v3/objects/companies/100000000000001")

    after = account.search("companies").json()["total"]

    assert (before, after) == (4, 3)


def test_the_sixth_search_of_a_second_is_refused(
    start: Callable[..., Any],
) -> None:
    """Searches have a budget of five in a second, and no headers about it."""
    account = start(calls_per_ten_seconds=None)

    answers = [account.search("companies") for _ in range(6)]
    account.clock.advance(1)
    later = account.search("companies")

    statuses = [answer.status_code for answer in answers]
    assert statuses == [200] * 5 + [429]
    assert answers[5].json()["policyName"] == "SECONDLY"
    assert not [name for name in later.headers if name.startswith("x-hubspot-rate")]
    assert later.status_code == 200

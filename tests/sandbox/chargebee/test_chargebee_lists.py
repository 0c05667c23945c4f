"""Chargebee's lists: pages, filters, orders, and what changes while one pages."""

from typing import Any

import pytest


def paged(site: Any, path: str, **params: Any) -> list[dict[str, Any]]:
    """Return all entries of a list, page by page."""
    entries: list[dict[str, Any]] = []
    offset: dict[str, str] = {}
    while True:
        told = site.get(path, **params, **offset)
        entries += told["list"]
        if "next_offset" not in told:
            return entries
        offset = {"offset": told["next_offset"]}


def ids(entries: list[dict[str, Any]]) -> list[str]:
    """Return the ids of customers in a list."""
    return [each["customer"]["id"] for each in entries]


def test_pages_hold_ten_and_no_record_is_lost_or_told_twice(site: Any) -> None:
    """A list that says nothing of its size has ten entries a page."""
    first = site.get("/customers")

    everything = ids(paged(site, "/customers"))

    assert len(first["list"]) == 10
    assert sorted(everything) == [f"cust_{number:02}" for number in range(25)]
    assert everything == sorted(everything, reverse=True)  # the newest first


def test_equal_times_are_told_apart_at_the_edge_of_a_page(site: Any) -> None:
    """Two records of one second stand on different pages, each once."""
    found = ids(paged(site, "/customers", limit=1, **{"sort_by[asc]": "updated_at"}))

    assert found == [f"cust_{number:02}" for number in range(25)]


def test_a_record_changed_while_paging_moves_behind_the_reader(site: Any) -> None:
    """Who pages by the time of change sees a changed record again, not never."""
    params = {"limit": 5, "sort_by[asc]": "updated_at"}
    first = site.get("/customers", **params)
    site.post("/customers/cust_02", company="Changed")

    rest = site.get(
        "/customers",
        offset=first["next_offset"],
        limit=100,
        **{"sort_by[asc]": "updated_at"},
    )

    assert ids(rest["list"])[-1] == "cust_02"
    assert len(rest["list"]) == 21


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"id[is]": "cust_03"}, ["cust_03"]),
        ({"id[in]": "['cust_03', 'cust_01']"}, ["cust_01", "cust_03"]),
        ({"id[in]": '["cust_03","cust_01"]'}, ["cust_01", "cust_03"]),
        ({"id[starts_with]": "cust_2"}, [f"cust_2{place}" for place in range(5)]),
        ({"company[is]": "Customer 7"}, ["cust_07"]),
        ({"email[is_present]": "false"}, []),
        (
            {"id[not_in]": str([f"cust_{n:02}" for n in range(2, 25)])},
            ["cust_00", "cust_01"],
        ),
    ],
)
def test_filters_choose_records(
    site: Any, filters: dict[str, str], wanted: list[str]
) -> None:
    """Each comparison of a text does what its name says."""
    found = site.get("/customers", limit=100, **filters)

    assert sorted(ids(found["list"])) == wanted


def test_times_are_compared_to_the_second(site: Any) -> None:
    """After and before leave their own second out, on is a day, between has both."""
    at = site.records("customer")[4]["updated_at"]

    def found(how: str, value: object) -> list[str]:
        told = site.get("/customers", limit=100, **{f"updated_at[{how}]": value})
        return sorted(ids(told["list"]))

    assert found("after", at)[0] == "cust_06"
    assert found("before", at)[-1] == "cust_03"
    assert found("on", at) == ["cust_04", "cust_05"]
    assert found("between", f"[{at},{at + 86_400}]") == [
        f"cust_0{place}" for place in (4, 5, 6, 7)
    ]


def test_deleted_records_are_shown_to_who_asks_for_them(site: Any) -> None:
    """A deleted record stays, with its flag, and its time of change moves."""
    site.post("/customers/cust_01/delete")

    shown = site.get("/customers", limit=100)
    asked = site.get(
        "/customers", limit=1, include_deleted="true", **{"sort_by[desc]": "updated_at"}
    )

    assert len(shown["list"]) == 24
    assert asked["list"][0]["customer"]["id"] == "cust_01"
    assert asked["list"][0]["customer"]["deleted"] is True
    assert site.client.get("/customers/cust_01").status_code == 404


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": "101"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"offset": "nonsense"}, "offset"),
        ({"offset": '["1"]'}, "offset"),
        ({"sort_by[asc]": "company"}, "sort_by[asc]"),
        ({"sort_by": "created_at"}, "sort_by"),
        ({"updated_at[after]": "yesterday"}, "updated_at[after]"),
        ({"updated_at[is]": "1"}, "updated_at[is]"),
        ({"id[like]": "x"}, "id[like]"),
        ({"id[in]": "cust_01"}, "id[in]"),
        ({"id": "cust_01"}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(
    site: Any, params: dict[str, str], param: str
) -> None:
    """The error says which parameter, in both fields that clients may read."""
    answer = site.client.get("/customers", params=params)
    told = answer.json()

    assert (answer.status_code, told["type"]) == (400, "invalid_request")
    assert told["api_error_code"] == told["error_code"] == "param_wrong_value"
    assert told["param"] == told["error_param"] == param


def test_a_lagging_list_shows_a_write_late(site: Any) -> None:
    """A list shows what was there so many seconds ago; a single record is fresh."""
    site.conditions(list_lag_seconds=60)
    site.post("/customers/cust_01", company="Changed")
    now = site.clock.seconds() - 1

    before = site.get("/customers", **{"updated_at[after]": now})
    site.clock.advance(61)
    after = site.get("/customers", **{"updated_at[after]": now})

    assert (len(before["list"]), ids(after["list"])) == (0, ["cust_01"])
    assert site.get("/customers/cust_01")["customer"]["company"] == "Changed"


def test_subscriptions_are_found_by_their_items_and_shown_with_their_customer(
    site: Any,
) -> None:
    """A list of subscriptions tells each one's customer and, if there is one, card."""
    carded = site.with_card()
    site.subscribed("cust_00")
    site.subscribed(carded)

    found = site.get("/subscriptions", **{"item_price_id[is]": "basic-month"})
    other = site.get("/subscriptions", **{"item_price_id[is]": "seats-month"})

    entry = found["list"][0]
    assert (entry["customer"]["id"], entry["card"]["last4"]) == (carded, "1111")
    assert "id" not in entry["card"]
    assert "card" not in found["list"][1]
    assert other == {"list": []}


def test_stamps_never_stand_still(site: Any) -> None:
    """Two writes of one moment have one time and two versions."""
    one = site.post("/customers/cust_01", company="One")["customer"]
    two = site.post("/customers/cust_01", company="Two")["customer"]

    assert one["updated_at"] == two["updated_at"] == site.clock.seconds()
    assert one["resource_version"] < two["resource_version"]

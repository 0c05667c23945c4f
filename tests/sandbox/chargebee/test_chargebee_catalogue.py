"""Chargebee's catalogue, coupons, cards, comments, and a schema that drifts."""

from typing import Any

import pytest

GOOD = {"number": "4111111111111111", "expiry_month": 12, "expiry_year": 2030}


def tiered(model: str) -> dict[str, Any]:
    """Return the parameters of a tiered price."""
    return {
        "id": "steps",
        "name": "Steps",
        "item_id": "basic",
        "pricing_model": model,
        "period": 1,
        "period_unit": "month",
        "tiers": [
            {"starting_unit": 1, "ending_unit": 10, "price": 100},
            {"starting_unit": 11, "ending_unit": 20, "price": 60},
            {"starting_unit": 21, "price": 40},
        ],
    }


@pytest.mark.parametrize(
    ("model", "amounts"),
    [
        ("tiered", {1: 100, 10: 1000, 11: 1060, 25: 1800}),
        ("volume", {1: 100, 10: 1000, 11: 660, 25: 1000}),
        ("stairstep", {1: 100, 10: 100, 11: 60, 25: 40}),
    ],
)
def test_a_pricing_model_prices_its_units(
    site: Any, model: str, amounts: dict[int, int]
) -> None:
    """Each tier its own units, all units at one tier's price, or a price a tier."""
    site.post("/item_prices", **tiered(model))

    invoiced = {
        quantity: site.subscribed(
            subscription_items=[{"item_price_id": "steps", "quantity": quantity}]
        )["invoice"]["total"]
        for quantity in amounts
    }

    assert invoiced == amounts


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"price": 5}, "price"),
        ({"tiers": []}, "tiers"),
        ({"tiers": [{"starting_unit": 2, "price": 1}]}, "tiers[starting_unit][0]"),
        ({"tiers": [{"starting_unit": 1, "ending_unit": 2, "price": 1}]}, "tiers"),
        ({"item_id": "nothing"}, "item_id"),
        ({"period": ""}, "period"),
        ({"currency_code": "Dollars"}, "currency_code"),
        ({"pricing_model": "auction"}, "pricing_model"),
        ({"name": "basic month"}, "name"),
        ({"id": "basic-month"}, "id"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused(
    site: Any, change: dict[str, Any], param: str
) -> None:
    """The error names the parameter."""
    answer = site.ask("/item_prices", **(tiered("tiered") | change))

    assert (answer.status_code, answer.json()["param"]) in {(400, param), (404, param)}


def test_what_is_in_use_is_not_deleted(site: Any) -> None:
    """A family with items stays, and a price that somebody pays is archived."""
    site.subscribed()

    family = site.ask("/item_families/main/delete")
    price = site.post("/item_prices/basic-month/delete")["item_price"]
    unused = site.post("/item_prices/basic-year/delete")["item_price"]
    again = site.ask(
        "/customers/cust_01/subscription_for_items",
        subscription_items=[{"item_price_id": "basic-month"}],
    )

    assert family.json()["api_error_code"] == "invalid_state_for_request"
    assert (price["status"], price["deleted"]) == ("archived", False)
    assert (unused["status"], unused["deleted"]) == ("deleted", True)
    assert again.json()["param"] == "subscription_items[item_price_id][0]"


def test_families_items_and_prices_change(site: Any) -> None:
    """Names, descriptions, own fields; an empty value clears a field."""
    site.post("/item_families/main", name="Renamed", description="All")
    site.post("/items/basic", external_name="Basic!", status="archived", cf_tier="one")
    site.post("/items/basic", external_name="", status="")
    site.post("/item_prices/basic-month", price=3100, free_quantity=1, is_taxable=False)

    item = site.get("/items/basic")["item"]
    price = site.get("/item_prices/basic-month")["item_price"]
    assert site.get("/item_families/main")["item_family"]["name"] == "Renamed"
    assert ("external_name" in item, item["status"]) == (False, "archived")
    assert item["cf_tier"] == "one"
    assert (price["price"], price["is_taxable"]) == (3100, False)


def test_a_fixed_amount_is_shared_by_the_lines_to_the_last_cent(site: Any) -> None:
    """What a coupon takes off sums to its amount."""
    site.post(
        "/coupons/create_for_items",
        id="ten",
        name="Ten",
        discount_type="fixed_amount",
        discount_amount=1000,
        currency_code="USD",
        apply_on="invoice_amount",
        duration_type="one_time",
    )
    rows = [
        {"item_price_id": "basic-month"},
        {"item_price_id": "seats-month", "quantity": 1},
        {"item_price_id": "setup-once"},
    ]

    invoice = site.subscribed(subscription_items=rows, coupon_ids=["ten"])["invoice"]
    site.travel(31)

    parts = [each["discount_amount"] for each in invoice["line_items"]]
    assert (sum(parts), invoice["total"]) == (1000, 8000)
    assert parts == [333, 111, 556]
    assert site.records("invoice")[-1]["discounts"] == []


def test_a_coupon_runs_out(site: Any) -> None:
    """After its last redemption, or its last day, nobody can use it."""
    fields = {"discount_percentage": 10, "apply_on": "invoice_amount"}
    day = site.clock.seconds() + 100
    site.post(
        "/coupons/create_for_items", id="a", name="A", max_redemptions=1, **fields
    )
    site.post("/coupons/create_for_items", id="b", name="B", valid_till=day, **fields)
    rows = [{"item_price_id": "basic-month"}]
    path = "/customers/cust_01/subscription_for_items"
    site.subscribed(coupon_ids=["a", "b"])
    site.clock.advance(200)

    refused = [
        site.ask(path, subscription_items=rows, coupon_ids=[each]) for each in "abc"
    ]
    changed = site.ask("/coupons/a/update_for_items", discount_percentage=20)

    assert [each.status_code for each in refused] == [400, 400, 404]
    assert changed.json()["api_error_code"] == "invalid_state_for_request"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"number": "4111111111111112"}, "card[number]"),
        ({"number": "abc"}, "card[number]"),
        ({"expiry_month": 13}, "card[expiry_month]"),
        ({"expiry_year": ""}, "card[expiry_month]"),
        ({"colour": "gold"}, "card[colour]"),
    ],
)
def test_a_card_that_is_none_is_refused(
    site: Any, change: dict[str, Any], param: str
) -> None:
    """No customer is left behind by a card that was refused."""
    answer = site.ask("/customers", company="New", card={**GOOD, **change})

    assert (answer.status_code, answer.json()["param"]) == (400, param)
    assert len(site.records("customer")) == 25


def test_cards_are_added_chosen_and_taken_away(site: Any) -> None:
    """A customer's first card pays until another one is made the first."""
    first = site.post("/payment_sources/create_card", customer_id="cust_01", card=GOOD)
    other = {**GOOD, "number": "5555555555554444"}
    second = site.post(
        "/payment_sources/create_card", customer_id="cust_01", card=other
    )
    site.post(
        "/customers/cust_01/assign_payment_role",
        payment_source_id=second["payment_source"]["id"],
        role="primary",
    )
    chosen = site.get("/customers/cust_01")
    site.post(f"/payment_sources/{second['payment_source']['id']}/delete")
    foreign = site.ask(
        "/customers/cust_02/assign_payment_role",
        payment_source_id=first["payment_source"]["id"],
        role="primary",
    )

    left = site.get("/customers/cust_01")
    card = site.get(f"/cards/{first['payment_source']['id']}")["card"]
    assert (chosen["card"]["last4"], card["last4"]) == ("4444", "1111")
    assert "card" not in left
    assert left["customer"]["card_status"] == "no_card"
    assert "primary_payment_source_id" not in left["customer"]
    assert foreign.json()["param"] == "payment_source_id"
    assert len(site.get("/payment_sources")["list"]) == 1


def test_comments_stand_with_what_they_are_about(site: Any) -> None:
    """A comment is found by its record, and can be taken away."""
    fields = {"entity_type": "customer", "entity_id": "cust_01"}
    made = site.post("/comments", notes="Called", **fields)["comment"]
    site.post("/comments", notes="Other", entity_type="customer", entity_id="cust_02")

    found = site.get("/comments", **fields)["list"]
    site.post(f"/comments/{made['id']}/delete")

    assert found == [{"comment": made}]
    assert len(site.get("/comments")["list"]) == 1


def test_deleting_a_customer_takes_all_that_is_theirs(site: Any) -> None:
    """Subscriptions, invoices and cards are marked as deleted with their customer."""
    customer = site.with_card()
    told = site.subscribed(customer)

    site.post(f"/customers/{customer}/delete")

    assert site.get("/subscriptions")["list"] == []
    assert site.get("/invoices")["list"] == []
    assert site.get("/payment_sources")["list"] == []
    gone = site.get("/invoices", include_deleted="true")["list"]
    assert [e["invoice"]["id"] for e in gone] == [told["invoice"]["id"]]


def test_a_schema_that_drifts(site: Any) -> None:
    """Fields appear, vanish and change their type in lists and in single records."""
    site.conditions(
        drift=[
            {"object": "customer", "field": "cf_new", "change": "added"},
            {"object": "customer", "field": "company", "change": "removed"},
            {
                "object": "customer",
                "field": "net_term_days",
                "change": "retyped",
                "type": "string",
            },
        ]
    )

    single = site.get("/customers/cust_01")["customer"]
    listed = site.get("/customers", **{"id[is]": "cust_01"})["list"][0]["customer"]

    assert single == listed
    assert (single["cf_new"], single["net_term_days"]) == ("drift cust_01", "30")
    assert "company" not in single


def test_a_fresh_start_keeps_the_catalogue(site: Any) -> None:
    """The time machine takes customers away, and leaves what can be sold."""
    site.subscribed(site.with_card())
    genesis = site.clock.seconds() + 1000

    site.post("/time_machines/delorean/start_afresh", genesis_time=genesis)

    machine = site.get("/time_machines/delorean")["time_machine"]
    assert machine["genesis_time"] == site.clock.seconds() == genesis
    assert site.records("customer") == site.records("invoice") == []
    assert len(site.records("item_price")) == 5

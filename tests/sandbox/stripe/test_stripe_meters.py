"""Meters, search and expansion, judged by Stripe's own client and description."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")

NOVEMBER = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
DAY = 86_400


def metered(account: Any, formula: str = "sum") -> Any:
    """Add a meter."""
    return account.v1.billing.meters.create(
        {
            "display_name": "Calls",
            "event_name": "call",
            "default_aggregation": {"formula": formula},
        }
    )


def used(account: Any, customer: Any, value: str, **settings: Any) -> Any:
    """Report usage."""
    payload = {"stripe_customer_id": customer.id, "value": value}
    return account.v1.billing.meter_events.create(
        {"event_name": "call", "payload": payload, **settings}
    )


@pytest.mark.parametrize(
    ("formula", "expected"), [("sum", 12.5), ("count", 3), ("last", 2.5)]
)
def test_usage_is_aggregated(account: Any, formula: str, expected: float) -> None:
    """meter_events.create, then event_summaries by day and for the whole time."""
    meter, customer = metered(account, formula), account.customer(None)
    for value, second in (("7", 0), ("3", 60), ("2.5", 120)):
        used(account, customer, value, timestamp=account.now + second)
    asked = {
        "customer": customer.id,
        "start_time": NOVEMBER,
        "end_time": NOVEMBER + DAY,
    }
    summaries = account.v1.billing.meters.event_summaries

    whole = summaries.list(meter.id, asked).data
    by_day = summaries.list(meter.id, {**asked, "value_grouping_window": "day"}).data

    assert [each.aggregated_value for each in whole] == [expected]
    assert [each.aggregated_value for each in by_day] == [expected]


def test_an_event_counts_once(account: Any) -> None:
    """The same identifier within a day is refused; a canceled event counts no more."""
    meter, customer = metered(account), account.customer(None)
    used(account, customer, "5", identifier="one")
    used(account, customer, "7", identifier="two")

    with pytest.raises(stripe.InvalidRequestError) as twice:
        used(account, customer, "5", identifier="one")
    account.v1.billing.meter_event_adjustments.create(
        {"event_name": "call", "type": "cancel", "cancel": {"identifier": "two"}}
    )

    asked = {
        "customer": customer.id,
        "start_time": NOVEMBER,
        "end_time": NOVEMBER + DAY,
    }
    (whole,) = account.v1.billing.meters.event_summaries.list(meter.id, asked).data
    assert twice.value.code == "duplicate_meter_event"
    assert whole.aggregated_value == 5


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"value": "lots"}, "payload[value]"),
        ({"value": "1", "timestamp": NOVEMBER - 36 * DAY}, "timestamp"),
        ({"value": "1", "timestamp": NOVEMBER + DAY}, "timestamp"),
        ({"value": "1", "event_name": "nothing"}, "event_name"),
    ],
)
def test_an_event_must_make_sense(
    account: Any, settings: dict[str, Any], param: str
) -> None:
    """meter_events.create with a wrong value, instant or name."""
    metered(account)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        used(account, account.customer(None), **settings)

    assert refused.value.param == param


def test_usage_is_billed_afterwards(account: Any) -> None:
    """A tiered metered price: the renewal charges what was used, tier by tier."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    meter = metered(account)
    price = account.price(
        billing_scheme="tiered",
        tiers_mode="graduated",
        tiers=[
            {"up_to": 100, "unit_amount": 10, "flat_amount": 50},
            {"up_to": "inf", "unit_amount_decimal": "2.5"},
        ],
        recurring={"interval": "month", "usage_type": "metered", "meter": meter.id},
    )
    account.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}]}
    )
    used(account, customer, "101")

    account.advance(clock, NOVEMBER + 30 * DAY + 14 * 3600)

    invoice = account.v1.invoices.list({"customer": customer.id, "limit": 1}).data[0]
    # 50 flat, 100 units of 10, one of 2.5: 1,052.5, half away from zero.
    assert (invoice.total, invoice.lines.data[0].quantity) == (1053, 101)


def test_a_meter_is_turned_off_and_on(account: Any) -> None:
    """Meters deactivate and reactivate; an inactive one counts nothing."""
    meter, customer = metered(account), account.customer(None)
    meters = account.v1.billing.meters

    off = meters.deactivate(meter.id)
    with pytest.raises(stripe.InvalidRequestError):
        used(account, customer, "1")
    on = meters.reactivate(meter.id)

    assert (off.status, on.status) == ("inactive", "active")
    assert [each.id for each in meters.list({"status": "active"}).data] == [meter.id]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('email:"ADA@a.example"', ["Ada"]),
        ('name~"obe"', ["Bobert"]),
        ('metadata["plan"]:"old"', ["Bobert", "Ada"]),
        ('metadata["plan"]:null', ["Cy"]),
        ('-metadata["plan"]:null AND created>0', ["Bobert", "Ada"]),
        ('name:"Ada" OR name:"Cy"', ["Cy", "Ada"]),
        ('name:"Ada" name:"Cy"', []),
    ],
)
def test_search_speaks_stripes_language(
    account: Any, query: str, found: list[str]
) -> None:
    """customers.search with text, substring, metadata, null, negation and joints."""
    create = account.v1.customers.create
    create({"name": "Ada", "email": "ada@a.example", "metadata": {"plan": "old"}})
    create({"name": "Bobert", "metadata": {"plan": "OLD"}})
    create({"name": "Cy"})

    result = account.v1.customers.search({"query": query})

    assert [each.name for each in result.data] == found


@pytest.mark.parametrize(
    "query",
    [
        *("name", 'name:"a" AND email:"b" OR phone:"c"', 'nope:"x"', 'name>"x"'),
        *('created:"x"', 'name~"ab"', "metadata:1", 'metadata["a:"b"'),
    ],
)
def test_a_broken_search_is_refused(account: Any, query: str) -> None:
    """customers.search with what Stripe cannot parse, or a field it has not."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        account.v1.customers.search({"query": query})

    assert refused.value.param == "query"


def test_search_pages_and_lags(account: Any) -> None:
    """auto_paging over a search; with a lag it shows what was."""
    for number in range(5):
        account.v1.customers.create({"name": "Same", "metadata": {"n": str(number)}})
    query = {"query": 'name:"Same"', "limit": 2}

    pages = account.v1.customers.search(query).auto_paging_iter()
    numbers = [each.metadata.n for each in pages]
    account.doors.control("conditions", {"stripe": {"search_lag_seconds": 60}})
    before = account.v1.customers.search(query).data
    account.doors.clock.advance(61)
    after = account.v1.customers.search(query).data

    assert numbers == ["4", "3", "2", "1", "0"]
    assert (len(before), len(after)) == (0, 2)


def test_expansion_goes_four_levels_deep(account: Any) -> None:
    """Expand on a list, through embedded lists, down to the product."""
    price, customer = account.price(), account.customer()
    wanted = {"customer": customer.id, "items": [{"price": price.id}]}
    account.v1.subscriptions.create(wanted)
    paths = [
        "data.items.data.price.product",
        "data.customer.invoice_settings.default_payment_method",
        "data.latest_invoice.payments.data.payment.payment_intent.latest_charge",
    ]

    (found,) = account.v1.subscriptions.list({"expand": paths[:2]}).data
    (deep,) = account.v1.subscriptions.list({"expand": [paths[2]]}).data
    with pytest.raises(stripe.InvalidRequestError) as wrong:
        account.v1.subscriptions.list({"expand": ["data.status"]})

    assert found["items"].data[0].price.product.name == "Seats"
    assert found.customer.invoice_settings.default_payment_method.card.last4 == "4242"
    payment = deep.latest_invoice.payments.data[0].payment
    assert payment.payment_intent.latest_charge.paid
    assert wrong.value.param == "expand"


def test_a_deleted_customer_says_so(account: Any) -> None:
    """customers.delete: retrieved as deleted, listed no more, subscriptions over."""
    customer = account.customer()
    wanted = {"customer": customer.id, "items": [{"price": account.price().id}]}
    subscription = account.v1.subscriptions.create(wanted)

    gone = account.v1.customers.delete(customer.id)
    read = account.v1.customers.retrieve(customer.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        account.v1.customers.update(customer.id, {"name": "x"})

    assert (gone.deleted, read.deleted) == (True, True)
    assert refused.value.code == "resource_missing"
    assert account.v1.customers.list().data == []
    assert account.v1.subscriptions.retrieve(subscription.id).status == "canceled"


def test_prices_are_found_by_their_keys(account: Any) -> None:
    """Lookup keys are unique and can be taken over; a price's amount stays."""
    first = account.price(lookup_key="gold")
    prices = account.v1.prices
    with pytest.raises(stripe.InvalidRequestError):
        account.price(lookup_key="gold")

    second = account.price(2000, lookup_key="gold", transfer_lookup_key=True)
    with pytest.raises(stripe.InvalidRequestError) as fixed:
        prices.update(first.id, {"unit_amount": 5})

    found = prices.list({"lookup_keys": ["gold"]}).data
    assert [each.id for each in found] == [second.id]
    assert fixed.value.code == "parameter_unknown"

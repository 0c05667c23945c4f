"""Stripe's usage: all days at first, then the days of which usage may still come."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingestion import stripe
from ingestion.errors import Refused
from ingestion.stripe import lists, usage
from tests.ingestion.stripe_walks import Account

DAY = timedelta(days=1)


@pytest.fixture
def account(keys: Any) -> Account:
    """The company's account, which was loaded an hour ago."""
    return Account.loaded(keys)


def metered(account: Account, status: str = "active") -> tuple[Any, str]:
    """Return a subscription of that status that counts, and its meter."""
    for each in account.documents("subscription").values():
        for item in each["items"]["data"]:
            meter = item["price"]["recurring"].get("meter")
            if each["status"] == status and meter:
                return each, str(meter)
    raise LookupError(status)


def not_sold(account: Account) -> tuple[str, str]:
    """Return a customer, and a meter that no subscription of theirs has."""
    sold = {
        (each["customer"], (item["price"]["recurring"] or {}).get("meter"))
        for each in account.documents("subscription").values()
        for item in each["items"]["data"]
    }
    meters = list(account.documents("billing.meter"))
    return next(
        (customer, meter)
        for customer in sorted({customer for customer, _ in sold})
        for meter in meters
        if (customer, meter) not in sold
    )


def used(account: Account, customer: str, meter: str, value: int, at: datetime) -> str:
    """Count something, and return the event's identifier."""
    name = account.documents("billing.meter")[meter]["event_name"]
    wanted = {
        "event_name": name,
        "payload[stripe_customer_id]": customer,
        "payload[value]": str(value),
        "timestamp": str(int(at.timestamp())),
    }
    return str(account.call("POST", "billing/meter_events", **wanted)["identifier"])


def total(account: Account, customer: str, meter: str, day: datetime) -> Decimal:
    """Return what a customer used on a day, as far as we know."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return sum(
        (
            row["aggregated_value"]
            for row in account.alive("meter_summaries").values()
            if (row["customer"], row["meter"], row["start_time"])
            == (customer, meter, midnight)
        ),
        Decimal(0),
    )


def windows(account: Account) -> list[dict[str, list[str]]]:
    """Return what was asked of meters, query by query."""
    return [
        parse_qs(urlsplit(path).query)
        for path in account.transport.asked
        if "event_summaries" in path
    ]


def test_a_first_load_knows_every_day_of_a_customer_s_use(account: Account) -> None:
    """The sums by customer and meter are those of the account."""
    wanted: Counter[tuple[str, str]] = Counter()
    for each in account.documents("billing.meter_event_summary").values():
        wanted[each["_customer"], each["meter"]] += each["aggregated_value"]

    held: Counter[tuple[str, str]] = Counter()
    for row in account.alive("meter_summaries").values():
        held[row["customer"], row["meter"]] += row["aggregated_value"]

    assert held == wanted
    assert wanted


def test_usage_that_comes_late_is_seen_with_the_next_load(account: Account) -> None:
    """Stripe takes usage of the past 35 days, and of the day that runs."""
    subscription, meter = metered(account)
    customer, now = subscription["customer"], account.clock.now()
    late = now - timedelta(days=34)
    before = total(account, customer, meter, late)
    used(account, customer, meter, 7, late)
    used(account, customer, meter, 5, now)

    account.load()

    assert total(account, customer, meter, late) == before + 7
    assert total(account, customer, meter, now) == 5


def test_only_days_of_which_usage_may_come_are_asked_for_again(
    account: Account,
) -> None:
    """What is older cannot change any more, and stays."""
    before = dict(account.tables["meter_summaries"])
    account.transport.asked.clear()

    account.load()

    oldest = account.since["meter_summaries"] - timedelta(hours=1) - 36 * DAY
    asked = [int(each["start_time"][0]) for each in windows(account)]
    assert min(asked) > oldest.timestamp()
    assert account.tables["meter_summaries"] == before


def test_a_day_whose_only_use_was_taken_back_is_gone(account: Account) -> None:
    """A sum that Stripe no longer shows is not billed against."""
    subscription, meter = metered(account)
    customer, now = subscription["customer"], account.clock.now()
    identifier = used(account, customer, meter, 5, now)
    account.load()
    assert total(account, customer, meter, now) == 5
    account.call(
        "POST",
        "billing/meter_event_adjustments",
        event_name=account.documents("billing.meter")[meter]["event_name"],
        type="cancel",
        **{"cancel[identifier]": identifier},
    )
    days = len(account.alive("meter_summaries"))

    account.load()

    assert total(account, customer, meter, now) == 0
    assert len(account.alive("meter_summaries")) == days - 1


def test_the_last_use_of_a_canceled_subscription_comes_with_the_sweep(
    account: Account,
) -> None:
    """Of subscriptions that are canceled, only the daily walk asks."""
    subscription, meter = metered(account)
    customer, now = subscription["customer"], account.clock.now()
    used(account, customer, meter, 5, now)
    account.call("DELETE", f"subscriptions/{subscription['id']}")
    account.load()
    account.clock.advance(stripe.SWEEP_EVERY.total_seconds())

    account.load()

    assert total(account, customer, meter, now) == 5


def test_what_is_used_and_not_sold_is_known_within_a_week(account: Account) -> None:
    """A meter that no subscription of a customer has is asked for on its day alone."""
    customer, meter = not_sold(account)
    used_at = account.clock.now()
    used(account, customer, meter, 7, used_at)

    days, totals = [], []
    for _ in range(usage.TURNS):
        account.clock.advance(stripe.SWEEP_EVERY.total_seconds())
        account.load()
        days.append(account.clock.now().toordinal() % usage.TURNS)
        totals.append(total(account, customer, meter, used_at))

    before = days.index(usage.turn(customer, meter))
    assert totals == [0] * before + [7] * (usage.TURNS - before)


def test_a_window_that_is_asked_for_again_has_what_was_not_sold(
    account: Account,
) -> None:
    """Whatever the day, and whoever's turn it is: all of a window comes."""
    customer, meter = not_sold(account)
    used_at = until = account.clock.now()
    used(account, customer, meter, 7, used_at)
    if until.toordinal() % usage.TURNS == usage.turn(customer, meter):
        until += DAY
    account.clock.advance(2 * stripe.SWEEP_EVERY.total_seconds())
    (reading,) = (
        each
        for each in stripe.readings(account.known())
        if each.name == f"all {usage.STREAM}"
    )

    account.take(account.walk(reading, until))

    assert total(account, customer, meter, used_at) == 7


def test_a_day_of_a_price_that_left_its_subscription_stays(account: Account) -> None:
    """What was used was used, and has to be billed."""
    subscription, meter = metered(account)
    before = set(account.alive("meter_summaries"))
    [item] = [
        each["id"]
        for each in subscription["items"]["data"]
        if each["price"]["recurring"].get("meter") == meter
    ]
    account.call("DELETE", f"subscription_items/{item}?proration_behavior=none")
    account.clock.advance(stripe.SWEEP_EVERY.total_seconds())

    account.load()

    assert set(account.alive("meter_summaries")) == before


def test_a_customer_who_was_deleted_does_not_stop_the_others(account: Account) -> None:
    """Stripe no longer tells what they used; what is known stays."""
    subscription, _ = metered(account)
    account.call("DELETE", f"customers/{subscription['customer']}")
    before = set(account.alive("meter_summaries"))
    account.clock.advance(stripe.SWEEP_EVERY.total_seconds())

    account.load()

    assert set(account.alive("meter_summaries")) == before


def test_days_on_several_pages_are_all_there(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer's days do not fit one page, nor all subscriptions."""
    monkeypatch.setattr(lists, "PAGE", 5)
    anew = account.anew()

    anew.load()

    assert anew.alive("meter_summaries") == account.alive("meter_summaries")


def test_windows_lie_on_the_borders_of_days(account: Account) -> None:
    """Stripe refuses others; the day that runs is part of it."""
    account.load()

    for each in windows(account):
        start, end = (int(each[name][0]) for name in ("start_time", "end_time"))
        assert start % 86_400 == end % 86_400 == 0
        assert datetime.fromtimestamp(end, UTC) > account.clock.now()


def test_a_subscription_that_does_not_say_whose_it_is_is_named(
    account: Account,
) -> None:
    """A field that Stripe no longer sends is an error that says where."""
    item = {"id": "si_1", "price": {"recurring": {"meter": "mtr_1"}}}
    broken = {"id": "sub_1", "items": {"data": [item], "has_more": False}}
    page = {"data": [broken], "has_more": False}
    account.transport.answers["/v1/subscriptions"] = (200, page)

    with pytest.raises(Refused, match="stripe subscription sub_1: the subscription"):
        account.load()

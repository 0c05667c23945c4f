"""Stripe changes a subscription item by item, by phases, and by its clock."""

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.test_stripe_subscriptions import at, item_of, subscribed

pytestmark = pytest.mark.judge("stripe 16.1.0")


def test_items_come_and_go_one_by_one(account: Any) -> None:
    """subscription_items create, update, list and delete; the last one stays."""
    made = subscribed(account, account.customer(), account.price())
    items = account.v1.subscription_items

    added = items.create({"subscription": made.id, "price": account.price(500).id})
    changed = items.update(added.id, {"quantity": 4})
    listed = [each.id for each in items.list({"subscription": made.id}).data]
    gone = items.delete(added.id)
    with pytest.raises(stripe.InvalidRequestError):
        items.delete(item_of(made).id)

    assert (changed.quantity, gone.deleted) == (4, True)
    assert listed == [item_of(made).id, added.id]


def test_a_schedule_changes_the_subscription_by_phases(account: Any) -> None:
    """subscription_schedules from a subscription: a second phase, then its end."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    small, large = account.price(1000), account.price(3000)
    made = subscribed(account, customer, small)
    schedules = account.v1.subscription_schedules
    schedule = schedules.create({"from_subscription": made.id})
    first = schedule.phases[0]

    schedules.update(
        schedule.id,
        {
            "end_behavior": "cancel",
            "phases": [
                {
                    "items": [{"price": small.id}],
                    "start_date": first.start_date,
                    "end_date": first.end_date,
                },
                {"items": [{"price": large.id, "quantity": 2}], "iterations": 1},
            ],
        },
    )
    account.advance(clock, at(2026, 12, 1, 14))
    running = account.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    account.advance(clock, at(2027, 1, 1, 14))

    assert item_of(running).price.id == large.id
    assert running.latest_invoice.total == 6000
    assert schedules.retrieve(schedule.id).status == "completed"
    assert account.v1.subscriptions.retrieve(made.id).status == "canceled"


def test_a_released_schedule_lets_the_subscription_go_on(account: Any) -> None:
    """subscription_schedules.release, and what can no longer be done with it."""
    made = subscribed(account, account.customer(), account.price())
    schedules = account.v1.subscription_schedules
    schedule = schedules.create({"from_subscription": made.id})

    released = schedules.release(schedule.id)
    with pytest.raises(stripe.InvalidRequestError, match="released"):
        schedules.cancel(schedule.id)

    assert (released.status, released.released_subscription) == ("released", made.id)
    assert account.v1.subscriptions.retrieve(made.id).schedule is None


def test_a_clock_is_advancing_before_it_is_ready(account: Any) -> None:
    """test_clocks.advance; it does not go back, nor too far at once."""
    account.doors.control("conditions", {"stripe": {"clock_seconds": 5}})
    clocks = account.v1.test_helpers.test_clocks
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    subscribed(account, customer, account.price())

    said = clocks.advance(clock.id, {"frozen_time": at(2026, 12, 2)})
    meanwhile = clocks.retrieve(clock.id)
    with pytest.raises(stripe.InvalidRequestError):
        clocks.advance(clock.id, {"frozen_time": at(2026, 12, 3)})
    account.doors.clock.advance(6)
    ready = clocks.retrieve(clock.id)

    assert [each.status for each in (said, meanwhile, ready)] == [
        "advancing",
        "advancing",
        "ready",
    ]
    for wrong in (at(2026, 12, 1), at(2027, 3, 1)):
        with pytest.raises(stripe.InvalidRequestError):
            clocks.advance(clock.id, {"frozen_time": wrong})

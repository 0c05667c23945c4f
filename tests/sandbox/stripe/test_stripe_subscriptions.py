"""Subscriptions, judged by Stripe's own client and description."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

pytestmark = pytest.mark.judge("stripe 16.1.0")


def at(*when: int) -> int:
    """Return an instant in Unix seconds."""
    year, month, day, *time = when
    return int(datetime(year, month, day, *time, tzinfo=UTC).timestamp())  # type: ignore[misc]


def subscribed(account: Any, customer: Any, price: Any, **settings: Any) -> Any:
    """Subscribe a customer to a price."""
    wanted = {"customer": customer.id, "items": [{"price": price.id}], **settings}
    return account.v1.subscriptions.create(wanted)


def item_of(subscription: Any) -> Any:
    """Return the first item of a subscription."""
    return subscription["items"].data[0]


def lines_of(invoice: Any) -> list[tuple[int, str]]:
    """Return amount and description of an invoice's lines."""
    return [(line.amount, line.description) for line in invoice.lines.data]


def test_a_subscription_begins_with_a_paid_invoice(account: Any) -> None:
    """subscriptions.create charges the card at once."""
    customer, price = account.customer(), account.price(1000)

    made = subscribed(account, customer, price, expand=["latest_invoice.payments"])

    invoice = made.latest_invoice
    assert (made.status, invoice.status, invoice.amount_paid) == (
        "active",
        "paid",
        1000,
    )
    assert invoice.billing_reason == "subscription_create"
    assert invoice.payments.data[0].status == "paid"


def test_a_declined_first_payment_leaves_it_incomplete(account: Any) -> None:
    """payment_behavior decides between an incomplete subscription and none at all."""
    customer, price = account.customer("pm_card_chargeCustomerFail"), account.price()

    made = subscribed(account, customer, price)
    with pytest.raises(stripe.CardError) as declined:
        subscribed(account, customer, price, payment_behavior="error_if_incomplete")

    listed = account.v1.subscriptions.list({"customer": customer.id, "status": "all"})
    assert declined.value.code == "card_declined"
    assert [(each.id, each.status) for each in listed.data] == [(made.id, "incomplete")]


def test_an_incomplete_one_begins_when_its_intent_is_confirmed(account: Any) -> None:
    """default_incomplete, then payment_intents.confirm."""
    customer, price = account.customer(None), account.price()
    path = "latest_invoice.payments.data.payment.payment_intent"
    settings = {"payment_behavior": "default_incomplete", "expand": [path]}

    made = subscribed(account, customer, price, **settings)
    intent = made.latest_invoice.payments.data[0].payment.payment_intent
    account.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    after = account.v1.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})

    assert (made.status, after.status) == ("incomplete", "active")
    assert after.latest_invoice.status == "paid"


def test_without_a_method_nothing_begins(account: Any) -> None:
    """subscriptions.create for a customer who cannot be charged."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        subscribed(account, account.customer(None), account.price())

    assert refused.value.code == "resource_missing"


def test_a_change_is_counted_by_the_second(account: Any) -> None:
    """subscriptions.update with create_prorations, in the middle of a month."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    small, large = account.price(1000), account.price(2550)
    made = subscribed(account, customer, small)
    account.advance(clock, at(2026, 11, 10, 17, 7, 13))

    item = {"id": item_of(made).id, "price": large.id}
    account.v1.subscriptions.update(made.id, {"items": [item]})
    waiting = account.v1.invoice_items.list({"customer": customer.id, "pending": True})

    left = at(2026, 12, 1, 12) - at(2026, 11, 10, 17, 7, 13)
    expected = [round(2550 * left / 2_592_000), -round(1000 * left / 2_592_000)]
    assert [each.amount for each in waiting.data] == expected
    assert all(each.proration for each in waiting.data)


def test_a_renewal_takes_prorations_up(account: Any) -> None:
    """test_clocks.advance over a period's end: a draft, finalized an hour later."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    small, large = account.price(1000), account.price(3000)
    made = subscribed(account, customer, small)
    account.advance(clock, at(2026, 11, 16, 12))
    item = {"id": item_of(made).id, "price": large.id}
    account.v1.subscriptions.update(made.id, {"items": [item]})

    account.advance(clock, at(2026, 12, 1, 12, 30))
    draft = account.v1.invoices.list({"customer": customer.id, "limit": 1}).data[0]
    account.advance(clock, at(2026, 12, 1, 14))
    paid = account.v1.invoices.retrieve(draft.id)

    assert (draft.status, draft.billing_reason) == ("draft", "subscription_cycle")
    assert (paid.status, paid.total) == ("paid", 3000 + 1500 - 500)
    assert sorted(amount for amount, _ in lines_of(paid)) == [-500, 1500, 3000]


def test_always_invoice_charges_at_once_and_none_not_at_all(account: Any) -> None:
    """subscriptions.update with the other two kinds of proration."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price(1000))
    account.advance(clock, at(2026, 11, 16, 12))
    item = {"id": item_of(made).id, "quantity": 3}

    after = account.v1.subscriptions.update(
        made.id,
        {
            "items": [item],
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice"],
        },
    )
    again = account.v1.subscriptions.update(
        made.id,
        {"items": [item | {"quantity": 5}], "proration_behavior": "none"},
    )

    invoice = after.latest_invoice
    assert (invoice.total, invoice.status) == (1000, "paid")
    assert invoice.billing_reason == "subscription_update"
    assert again.latest_invoice == invoice.id
    assert account.v1.invoice_items.list({"pending": True}).data == []


def test_another_interval_begins_a_new_period(account: Any) -> None:
    """subscriptions.update from monthly to yearly, charged at once."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price(1000))
    yearly = account.price(10_000, recurring={"interval": "year"})
    account.advance(clock, at(2026, 11, 16, 12))

    after = account.v1.subscriptions.update(
        made.id,
        {
            "items": [{"id": item_of(made).id, "price": yearly.id}],
            "expand": ["latest_invoice"],
        },
    )

    assert after.latest_invoice.total == 10_000 - 500
    assert item_of(after).current_period_end == at(2027, 11, 16, 12)


def test_months_keep_the_day_of_the_anchor(account: Any) -> None:
    """A subscription of the 31st renews on the last day of February."""
    clock = account.test_clock(datetime(2027, 1, 31, 12, tzinfo=UTC))
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price())

    ends = [item_of(made).current_period_end]
    for when in (at(2027, 2, 28, 13), at(2027, 3, 31, 13)):
        account.advance(clock, when)
        ends.append(
            item_of(account.v1.subscriptions.retrieve(made.id)).current_period_end
        )

    assert ends == [at(2027, 2, 28, 12), at(2027, 3, 31, 12), at(2027, 4, 30, 12)]


def test_a_trial_ends_with_a_charge(account: Any) -> None:
    """trial_period_days, then test_clocks.advance; trial_will_end is told before."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    expand = ["latest_invoice"]

    made = subscribed(
        account, customer, account.price(), trial_period_days=7, expand=expand
    )
    account.advance(clock, at(2026, 11, 8, 14))
    after = account.v1.subscriptions.retrieve(made.id, {"expand": expand})
    told = account.v1.events.list({"type": "customer.subscription.trial_will_end"})

    assert (made.status, made.latest_invoice.total) == ("trialing", 0)
    assert (after.status, after.latest_invoice.total) == ("active", 1000)
    assert len(told.data) == 1


@pytest.mark.parametrize(
    ("behavior", "status"), [("cancel", "canceled"), ("pause", "paused")]
)
def test_a_trial_may_end_without_a_card(
    account: Any, behavior: str, status: str
) -> None:
    """trial_settings decide; a paused subscription can be resumed."""
    clock = account.test_clock()
    customer = account.customer(None, test_clock=clock.id)
    ending = {"end_behavior": {"missing_payment_method": behavior}}
    made = subscribed(
        account, customer, account.price(), trial_period_days=7, trial_settings=ending
    )

    account.advance(clock, at(2026, 11, 9))

    after = account.v1.subscriptions.retrieve(made.id)
    assert after.status == status
    if status == "paused":
        resumed = account.v1.subscriptions.resume(made.id)
        assert resumed.status in ("active", "past_due")


def test_it_ends_with_its_period(account: Any) -> None:
    """cancel_at_period_end, taken back once, then carried out by the clock."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price())
    end = item_of(made).current_period_end
    update = account.v1.subscriptions.update

    wanted = update(made.id, {"cancel_at_period_end": True})
    kept = update(made.id, {"cancel_at_period_end": False})
    update(made.id, {"cancel_at_period_end": True})
    account.advance(clock, end + 60)
    after = account.v1.subscriptions.retrieve(made.id)

    assert (wanted.cancel_at, kept.cancel_at) == (end, None)
    assert (after.status, after.ended_at) == ("canceled", end)
    assert len(account.v1.invoices.list({"customer": customer.id}).data) == 1


def test_what_is_over_stays_over(account: Any) -> None:
    """A canceled subscription takes metadata and nothing else."""
    made = subscribed(account, account.customer(), account.price())
    account.v1.subscriptions.cancel(made.id)

    noted = account.v1.subscriptions.update(made.id, {"metadata": {"why": "moved"}})
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        account.v1.subscriptions.update(made.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as twice:
        account.v1.subscriptions.cancel(made.id)

    assert noted.metadata.why == "moved"
    assert twice.value.code == "resource_missing"


@pytest.mark.parametrize(
    ("behavior", "status"),
    [
        ("void", "void"),
        ("mark_uncollectible", "uncollectible"),
        ("keep_as_draft", "draft"),
    ],
)
def test_a_pause_collects_nothing(account: Any, behavior: str, status: str) -> None:
    """pause_collection with each of its behaviors, over a renewal."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price())
    pause = {"behavior": behavior, "resumes_at": at(2026, 12, 15)}
    account.v1.subscriptions.update(made.id, {"pause_collection": pause})

    account.advance(clock, at(2026, 12, 16))

    invoice = account.v1.invoices.list({"customer": customer.id, "limit": 1}).data[0]
    after = account.v1.subscriptions.retrieve(made.id)
    assert (invoice.status, invoice.amount_paid) == (status, 0)
    assert (after.status, after.pause_collection) == ("active", None)


def test_a_failing_card_is_tried_again_and_then_it_ends(account: Any) -> None:
    """Renewal with a card that declines: past_due, three retries, canceled."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price())
    method = account.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": customer.id}
    )
    account.v1.subscriptions.update(made.id, {"default_payment_method": method.id})

    seen = []
    for when in (at(2026, 12, 1, 14), at(2026, 12, 5), at(2026, 12, 30)):
        account.advance(clock, when)
        after = account.v1.subscriptions.retrieve(
            made.id, {"expand": ["latest_invoice"]}
        )
        seen.append((after.status, after.latest_invoice.attempt_count))

    assert seen == [("past_due", 1), ("past_due", 2), ("canceled", 4)]
    assert account.v1.customers.retrieve(customer.id).delinquent


def test_a_discount_lasts_as_long_as_its_coupon(account: Any) -> None:
    """A repeating coupon of two months counts for two invoices."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    coupon = account.v1.coupons.create(
        {"percent_off": 12.5, "duration": "repeating", "duration_in_months": 2}
    )
    subscribed(account, customer, account.price(999), discounts=[{"coupon": coupon.id}])

    for month in (12, 13, 14):
        year, place = 2026 + (month - 1) // 12, (month - 1) % 12 + 1
        account.advance(clock, at(year, place, 1, 14))

    invoices = account.v1.invoices.list({"customer": customer.id}).data
    assert [each.total for each in invoices] == [999, 999, 874, 874]


def test_a_preview_changes_nothing(account: Any) -> None:
    """invoices.create_preview of a change, next to what is there."""
    clock = account.test_clock()
    customer = account.customer(test_clock=clock.id)
    made = subscribed(account, customer, account.price(1000))
    large = account.price(2000)
    account.advance(clock, at(2026, 11, 16, 12))
    events = len(account.v1.events.list({"limit": 100}).data)

    item = {"id": item_of(made).id, "price": large.id}
    preview = account.v1.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"items": [item]}}
    )

    assert preview.id.startswith("upcoming_in_")
    assert sorted(line.amount for line in preview.lines.data) == [-500, 1000, 2000]
    assert account.v1.subscriptions.retrieve(made.id) == made
    assert len(account.v1.events.list({"limit": 100}).data) == events

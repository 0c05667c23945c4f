"""Subscriptions: how they begin, pause, go on and end."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import billing, items
from sandbox.stripe.books import Books, same_currency
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    flag,
    group,
    instant,
    several,
    text,
    whole,
)
from sandbox.stripe.periods import later, period_at
from sandbox.stripe.prorations import written as prorated
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import (
    CANCELLATION,
    COMMON,
    ENDED,
    PRORATIONS,
    blank,
    settings,
)


def create(books: Books, given: Params) -> Document:
    """Begin a subscription: its first invoice is collected at once."""
    own: Fields = {
        "billing_cycle_anchor": instant(),
        "billing_mode": group(
            {
                "type!": choice("classic", "flexible"),
                "flexible": group(
                    {"proration_discounts": choice("included", "itemized")}
                ),
            }
        ),
        "currency": currency,
        "customer!": text(),
        "items!": several(items.NEW),
        "trial_period_days": whole(0, 730),
    }
    params = checked(given, {**COMMON, **own})
    customer = books.need("customer", params["customer"], "customer")
    return begun(books, customer, params)


def begun(
    books: Books, customer: Document, params: Params, schedule: str | None = None
) -> Document:
    """Begin a subscription from parameters that were read.

    Raises:
        Refusal: the first payment failed and the caller wants nothing then.
    """
    at = books.time_of(customer)
    trial = _trial(params, at)
    anchor = trial or params.get("billing_cycle_anchor") or at
    if anchor < at:
        sentence = "billing_cycle_anchor must be in the future."
        raise invalid(sentence, "billing_cycle_anchor")
    subscription = blank(books, customer, at, anchor, params)
    subscription |= {"schedule": schedule, "trial_end": trial}
    subscription["trial_start"] = at if trial else None
    wanted = params["items"]
    made = [
        items.made(books, subscription, each or {}, f"items[{place}]", at)
        for place, each in enumerate(wanted)
    ]
    money = params.get("currency") or (made[0]["price"]["currency"] if made else "usd")
    items.check(made, money)
    same_currency(customer, money)
    subscription["currency"] = money
    whole_periods: dict[str, billing.Period] = {}
    for item in made:
        full = period_at(anchor, item["price"], at)
        if trial:
            item |= {"current_period_start": at, "current_period_end": trial}
        elif anchor > at:
            # The first period is cut short by the anchor and charged in part.
            item |= {"current_period_start": at, "current_period_end": full[1]}
            if full[1] > anchor:
                item["current_period_end"] = anchor
            whole_periods[item["id"]] = full
    subscription["items"] = items.holder(made, subscription["id"])
    subscription |= settings(books, subscription, params, at)
    if subscription["collection_method"] == "send_invoice":
        subscription["status"] = "trialing" if trial else "active"
    else:
        subscription["status"] = "trialing" if trial else "incomplete"
    subscription = books.create(subscription)
    if whole_periods and params.get("proration_behavior") == "none":
        return books.update(subscription, status="active")
    return _first_invoice(books, subscription, customer, params, whole_periods)


def _first_invoice(
    books: Books,
    subscription: Document,
    customer: Document,
    params: Params,
    whole_periods: dict[str, billing.Period],
) -> Document:
    at = subscription["created"]
    behavior = params.get("payment_behavior") or "allow_incomplete"
    automatic = subscription["collection_method"] == "charge_automatically"
    paper = billing.paper(books, subscription, customer, at, "subscription_create")
    held = subscription["items"]["data"]
    lines = billing.period_lines(
        books, subscription, paper["id"], held, at, whole=whole_periods
    )
    if automatic and behavior != "default_incomplete" and not subscription["trial_end"]:
        _check_method(subscription, customer, lines)
    collect = automatic and behavior != "default_incomplete"
    subscription, invoice, refused = billing.issued(
        books, subscription, paper, lines, at_once=automatic, collect=collect
    )
    if refused is not None and behavior == "error_if_incomplete":
        # Nothing of this stays: the transaction of the request is taken back.
        raise refused.entirely()
    if subscription["status"] == "incomplete" and invoice["status"] == "paid":
        subscription = books.update(subscription, status="active")
    return subscription


def _check_method(
    subscription: Document, customer: Document, lines: list[Document]
) -> None:
    settings_ = customer.get("invoice_settings") or {}
    has_method = (
        subscription["default_payment_method"]
        or settings_.get("default_payment_method")
        or customer.get("default_source")
    )
    due = sum(each["amount"] for each in lines) + (customer.get("balance") or 0)
    if not has_method and due > 0:
        sentence = (
            "This customer has no attached payment source or default payment method. "
            "Please consider adding a default payment method. For more information, "
            "visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
            "#payment-method-priority."
        )
        raise invalid(sentence, code="resource_missing")


def _trial(params: Params, at: int) -> int | None:
    end, days = params.get("trial_end"), params.get("trial_period_days")
    if end is not None and days:
        sentence = "You may only specify one of these: trial_end, trial_period_days."
        raise invalid(sentence, "trial_end")
    if end == "now" or (end is None and not days):
        return None
    if end is not None and end <= at:
        sentence = "Invalid timestamp: must be an integer Unix timestamp in the future."
        raise invalid(sentence, "trial_end")
    if end is not None and end > later(at, "year", 5):
        sentence = "The trial_end cannot be more than five years in the future."
        raise invalid(sentence, "trial_end")
    return int(end) if end is not None else at + int(days or 0) * 86_400


def cancel(books: Books, given: Params, subscription_id: str) -> Document:
    """End a subscription now."""
    params = checked(
        given,
        {
            **EXPAND,
            "cancellation_details": CANCELLATION,
            "invoice_now": flag,
            "prorate": flag,
        },
    )
    subscription = books.need("subscription", subscription_id)
    if subscription["status"] in ENDED:
        # Stripe says so of a subscription that ended, as if there were none.
        sentence = f"No such subscription: '{subscription_id}'"
        raise invalid(sentence, "id", "resource_missing")
    at = books.time_of(subscription)
    details = {
        "comment": None,
        "feedback": None,
        **(params.get("cancellation_details") or {}),
        "reason": "cancellation_requested",
    }
    if params.get("prorate") and subscription["status"] in ("active", "past_due"):
        held = subscription["items"]["data"]
        prorated(books, subscription, held, [], at)
    if params.get("invoice_now"):
        _last_invoice(books, subscription, at)
    return ended(books, subscription, at, details)


def _last_invoice(books: Books, subscription: Document, at: int) -> None:
    customer = books.need("customer", subscription["customer"])
    paper = billing.paper(books, subscription, customer, at, "subscription_update")
    open_items = [
        {**item, "current_period_end": at} for item in subscription["items"]["data"]
    ]
    lines = billing.usage_lines(books, subscription, paper["id"], open_items)
    billing.issued(books, subscription, paper, lines, at_once=True)


def ended(
    books: Books, subscription: Document, at: int, details: Document | None = None
) -> Document:
    """Return a subscription that is over."""
    fields: dict[str, Any] = {
        "canceled_at": subscription.get("canceled_at") or at,
        "ended_at": at,
        "status": "canceled",
        "pause_collection": None,
    }
    if details:
        fields["cancellation_details"] = details
    schedule = books.get("subscription_schedule", subscription.get("schedule"))
    if schedule and schedule["status"] in ("active", "not_started"):
        books.update(schedule, status="canceled", canceled_at=at, current_phase=None)
    invoice = books.get("invoice", subscription.get("latest_invoice"))
    if invoice and invoice["status"] in ("draft", "open") and invoice["auto_advance"]:
        books.update(invoice, auto_advance=False, next_payment_attempt=None)
    current = books.need("subscription", subscription["id"])
    return books.update(current, **fields)


def resume(books: Books, given: Params, subscription_id: str) -> Document:
    """Let a paused subscription go on, in a new period or in what is left."""
    params = checked(
        given,
        {
            **EXPAND,
            "billing_cycle_anchor": choice("now", "unchanged"),
            "proration_behavior": PRORATIONS,
            "proration_date": instant(),
        },
    )
    subscription = books.need("subscription", subscription_id)
    if subscription["status"] != "paused":
        sentence = (
            "You can only resume a subscription with status `paused`. This "
            f"subscription's status is `{subscription['status']}`."
        )
        raise invalid(sentence)
    at = books.time_of(subscription)
    anchor = subscription["billing_cycle_anchor"]
    if params.get("billing_cycle_anchor", "now") == "now":
        anchor = at
    held = []
    for item in subscription["items"]["data"]:
        start, end = period_at(anchor, item["price"], at)
        held.append({**item, "current_period_start": start, "current_period_end": end})
    subscription = books.update(
        subscription,
        billing_cycle_anchor=anchor,
        items=items.holder(held, subscription_id),
        pause_collection=None,
        status="active",
    )
    customer = books.need("customer", subscription["customer"])
    paper = billing.paper(books, subscription, customer, at, "subscription_update")
    lines = billing.period_lines(books, subscription, paper["id"], held, at)
    after, invoice, _ = billing.issued(books, subscription, paper, lines, at_once=True)
    if invoice["status"] == "open" and invoice["attempted"]:
        after = books.update(after, status="past_due")
    return after


def delete_discount(books: Books, given: Params, subscription_id: str) -> Document:
    """Take all discounts off a subscription."""
    checked(given, {})
    subscription = books.need("subscription", subscription_id)
    held = subscription.get("discounts") or []
    if not held:
        sentence = f"No active discount for subscription: {subscription_id}"
        raise invalid(sentence, "id", "resource_missing")
    books.update(subscription, discounts=[])
    gone: Document = {key: value for key, value in held[0].items() if key != "end"}
    return gone | {"deleted": True}

"""Subscription schedules: what a subscription is to be, phase by phase."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe import phases as moving
from sandbox.stripe.books import Books
from sandbox.stripe.changes import changed
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    either,
    flag,
    group,
    instant,
    merged,
    metadata,
    several,
    text,
)
from sandbox.stripe.phase_papers import INVOICE_SETTINGS, METHOD, PHASE, blank, drawn
from sandbox.stripe.prorations import written as prorated
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import PRORATIONS
from sandbox.stripe.subscriptions import ended

_FIELDS: Fields = {
    **EXPAND,
    "default_settings": group(
        {
            "billing_cycle_anchor": choice("automatic", "phase_start"),
            "collection_method": METHOD,
            "default_payment_method": text(),
            "description": text(longest=500),
            "invoice_settings": INVOICE_SETTINGS,
        }
    ),
    "end_behavior": choice("cancel", "none", "release"),
    "metadata": metadata,
    "phases": several(PHASE),
}


# What an empty value takes away; the other settings always have a value.
_CLEARED = ("collection_method", "default_payment_method", "description")


def create(books: Books, given: Params) -> Document:
    """Add a schedule: for a customer, or around a subscription that runs."""
    own: Fields = {
        "customer": text(),
        "from_subscription": text(),
        "start_date": either(("now",), instant()),
    }
    params = checked(given, {**_FIELDS, **own})
    if params.get("from_subscription"):
        return _around(books, params)
    if not params.get("customer"):
        sentence = "Missing required param: customer."
        raise invalid(sentence, "customer", "parameter_missing")
    customer = books.need("customer", params["customer"], "customer")
    at = books.time_of(customer)
    start = params.get("start_date", "now")
    start = at if start in ("now", None) else start
    wanted = params.get("phases")
    if not wanted:
        sentence = "Missing required param: phases."
        raise invalid(sentence, "phases", "parameter_missing")
    phases = drawn(books, wanted, start, at)
    schedule = books.create(_document(books, customer, params, phases, at))
    if start <= at:
        moving.moved(books, schedule, at)
    return books.need("subscription_schedule", schedule["id"])


def _around(books: Books, params: Params) -> Document:
    name = "from_subscription"
    subscription = books.need("subscription", params[name], name)
    for other in ("phases", "customer", "start_date", "end_behavior"):
        if other in params:
            sentence = f"You cannot set `{other}` if `from_subscription` is set."
            raise invalid(sentence, other)
    if subscription.get("schedule"):
        sentence = (
            "You cannot migrate a subscription that is already attached to a "
            f"schedule: {subscription['schedule']}"
        )
        raise invalid(sentence, name)
    if subscription["status"] in ("canceled", "incomplete", "incomplete_expired"):
        sentence = "You cannot migrate a subscription that isn't running."
        raise invalid(sentence, name)
    customer = books.need("customer", subscription["customer"])
    at = books.time_of(customer)
    held = subscription["items"]["data"]
    start = min(item["current_period_start"] for item in held)
    end = min(item["current_period_end"] for item in held)
    phase = blank(subscription["currency"], start, end) | {
        "items": [_item_of(item) for item in held],
        "discounts": [
            {
                "coupon": each["source"]["coupon"],
                "discount": each["id"],
                "promotion_code": None,
            }
            for each in subscription.get("discounts") or []
            if isinstance(each, dict)
        ],
        "trial_end": subscription.get("trial_end"),
    }
    document = _document(books, customer, params, [phase], at)
    document |= {
        "current_phase": {"end_date": end, "start_date": start},
        "status": "active",
        "subscription": subscription["id"],
    }
    schedule = books.create(document)
    books.update(subscription, schedule=schedule["id"])
    return schedule


def _item_of(item: Document) -> Document:
    wanted: Document = {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": dict(item["metadata"]),
        "price": item["price"]["id"],
        "tax_rates": [],
    }
    if "quantity" in item:
        wanted["quantity"] = item["quantity"]
    return wanted


def _document(
    books: Books, customer: Document, params: Params, phases: list[Document], at: int
) -> Document:
    document: Document = {
        "id": books.new_id("sub_sched_"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
        },
        "canceled_at": None,
        "completed_at": None,
        "created": at,
        "current_phase": None,
        "customer": customer["id"],
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": {
                "disabled_reason": None,
                "enabled": False,
                "liability": None,
            },
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": "charge_automatically",
            "default_payment_method": None,
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "days_until_due": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": params.get("end_behavior") or "release",
        "livemode": False,
        "metadata": {},
        "phases": phases,
        "released_at": None,
        "released_subscription": None,
        "status": "not_started",
        "subscription": None,
        "test_clock": customer.get("test_clock"),
    }
    return document | _settings(document, params)


def _settings(schedule: Document, params: Params) -> Document:
    fields: Document = {}
    if "metadata" in params:
        fields["metadata"] = merged(schedule["metadata"], params["metadata"])
    if params.get("end_behavior"):
        fields["end_behavior"] = params["end_behavior"]
    if params.get("default_settings"):
        held = schedule["default_settings"]
        wanted = {
            name: value
            for name, value in params["default_settings"].items()
            if value is not None or name in _CLEARED
        }
        if wanted.get("invoice_settings"):
            wanted["invoice_settings"] = {
                **held["invoice_settings"],
                **wanted["invoice_settings"],
            }
        fields["default_settings"] = {**held, **wanted}
    return fields


def update(books: Books, given: Params, schedule_id: str) -> Document:
    """Change a schedule; the phase that runs begins where it began."""
    params = checked(given, {**_FIELDS, "proration_behavior": PRORATIONS})
    schedule = books.need("subscription_schedule", schedule_id)
    _check_live(schedule, "update")
    at = books.time_of(schedule)
    fields = _settings(schedule, params)
    if "phases" in params:
        current: Any = schedule["current_phase"] or schedule["phases"][0]
        phases = drawn(books, params["phases"], current["start_date"], at)
        if not phases:
            sentence = "Missing required param: phases."
            raise invalid(sentence, "phases", "parameter_missing")
        if schedule["status"] == "active":
            if phases[0]["start_date"] > at or phases[-1]["end_date"] <= at:
                sentence = "The current phase must be among the phases."
                raise invalid(sentence, "phases")
            now = next(each for each in phases if each["end_date"] > at)
            fields["current_phase"] = {
                "end_date": now["end_date"],
                "start_date": now["start_date"],
            }
        fields["phases"] = phases
    after = books.update(schedule, **fields)
    if "phases" in params and after["status"] == "active" and after["subscription"]:
        phase = moving.phase_at(after, at)
        subscription = books.need("subscription", after["subscription"])
        if phase:
            how = params.get("proration_behavior") or phase["proration_behavior"]
            change = moving.as_change(subscription, phase)
            change["proration_behavior"] = how
            change.pop("billing_cycle_anchor", None)
            changed(books, subscription, change)
    return after


def release(books: Books, given: Params, schedule_id: str) -> Document:
    """Let the subscription go on without its schedule."""
    checked(given, {**EXPAND, "preserve_cancel_date": flag})
    schedule = books.need("subscription_schedule", schedule_id)
    _check_live(schedule, "release")
    subscription = books.get("subscription", schedule["subscription"])
    if subscription:
        books.update(subscription, schedule=None)
    return books.update(
        schedule,
        current_phase=None,
        released_at=books.time_of(schedule),
        released_subscription=schedule["subscription"],
        status="released",
        subscription=None,
    )


def cancel(books: Books, given: Params, schedule_id: str) -> Document:
    """End a schedule, and its subscription with it."""
    params = checked(given, {**EXPAND, "invoice_now": flag, "prorate": flag})
    schedule = books.need("subscription_schedule", schedule_id)
    _check_live(schedule, "cancel")
    at = books.time_of(schedule)
    subscription = books.get("subscription", schedule["subscription"])
    if subscription and subscription["status"] != "canceled":
        if params.get("prorate", True) and subscription["status"] == "active":
            prorated(books, subscription, subscription["items"]["data"], [], at)
        ended(books, subscription, at)
    current = books.need("subscription_schedule", schedule_id)
    return books.update(current, canceled_at=at, current_phase=None, status="canceled")


def _check_live(schedule: Document, verb: str) -> None:
    if schedule["status"] not in ("active", "not_started"):
        sentence = (
            f"You cannot {verb} a subscription schedule that is currently in the "
            f"`{schedule['status']}` status. It must be in the `active` or "
            "`not_started` status."
        )
        raise invalid(sentence)

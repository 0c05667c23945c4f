"""Previews: the invoice that would come next; it is made, shown and taken back."""

from typing import NoReturn

from sandbox.store import Document
from sandbox.stripe import billing, invoice_items, items, phases
from sandbox.stripe.books import Books
from sandbox.stripe.changes import changed
from sandbox.stripe.coupons import DISCOUNTS, redeemed
from sandbox.stripe.invoice_papers import draft, line_of_item, summed
from sandbox.stripe.invoices import pending
from sandbox.stripe.parameters import (
    EXPAND,
    Fields,
    checked,
    choice,
    currency,
    either,
    flag,
    group,
    instant,
    several,
    text,
)
from sandbox.stripe.periods import period_at
from sandbox.stripe.shapes import Params, invalid
from sandbox.stripe.subscription_papers import PRORATIONS
from sandbox.stripe.subscriptions import begun

_DETAILS: Fields = {
    "billing_cycle_anchor": either(("now", "unchanged"), instant()),
    "cancel_at": instant(),
    "cancel_at_period_end": flag,
    "cancel_now": flag,
    "items": several(items.CHANGED),
    "proration_behavior": PRORATIONS,
    "proration_date": instant(),
    "resume_at": choice("now"),
    "start_date": instant(),
    "trial_end": either(("now",), instant()),
}


class _Preview(Exception):  # noqa: N818 -- takes the trial run back
    """Carries the invoice out of the transaction that is taken back."""

    def __init__(self, invoice: Document) -> None:
        super().__init__()
        self.invoice = invoice


def create(books: Books, given: Params) -> Document:
    """Return the next invoice as it would be; nothing of it stays."""
    params = checked(
        given,
        {
            **EXPAND,
            "currency": currency,
            "customer": text(),
            "discounts": DISCOUNTS,
            "invoice_items": several(
                group({**invoice_items.ITEM, "currency": currency, "price": text()})
            ),
            "preview_mode": choice("next", "recurring"),
            "schedule": text(),
            "subscription": text(),
            "subscription_details": group(_DETAILS),
        },
    )
    try:
        with books.together():
            _take_back(_drawn(books, params))
    except _Preview as preview:
        return preview.invoice


def _take_back(invoice: Document) -> NoReturn:
    raise _Preview(invoice)


def _drawn(books: Books, params: Params) -> Document:
    subscription = _subscription(books, params)
    if subscription is not None:
        customer = books.need("customer", subscription["customer"])
        if params.get("customer") not in (None, customer["id"]):
            sentence = "The subscription belongs to another customer."
            raise invalid(sentence, "customer")
    elif params.get("customer"):
        customer = books.need("customer", params["customer"], "customer")
    else:
        sentence = "Missing required param: customer."
        raise invalid(sentence, "customer", "parameter_missing")
    for each in params.get("invoice_items", []):
        wanted = dict(each or {})
        if wanted.get("price"):
            wanted["pricing"] = {"price": wanted.pop("price")}
        wanted.pop("price", None)
        books.create(invoice_items.made(books, customer, wanted))
    at = books.time_of(customer)
    details = params.get("subscription_details") or {}
    immediate = False
    if subscription is not None and details:
        held = subscription.get("billing_cycle_anchor")
        subscription = _changed(books, subscription, details)
        behavior = details.get("proration_behavior")
        immediate = (
            behavior == "always_invoice" or subscription["billing_cycle_anchor"] != held
        )
    elif subscription is None and details.get("items"):
        subscription = _begun(books, customer, details)
        immediate = True
    if immediate and subscription is not None and subscription["latest_invoice"]:
        made = books.need("invoice", subscription["latest_invoice"])
        if made["created"] == at:
            return made | _unwritten(made)
    return _upcoming(books, customer, subscription, params, at)


def _subscription(books: Books, params: Params) -> Document | None:
    if params.get("schedule"):
        schedule = books.need("subscription_schedule", params["schedule"], "schedule")
        subscription = books.get("subscription", schedule["subscription"])
        if subscription is not None:
            return _in_next_phase(books, schedule, subscription)
    if params.get("subscription"):
        name = "subscription"
        subscription = books.need(name, params[name], name)
        if subscription["status"] in ("canceled", "incomplete_expired"):
            sentence = "No upcoming invoices for a canceled subscription."
            raise invalid(sentence, name, "invoice_upcoming_none")
        return subscription
    return None


def _in_next_phase(books: Books, schedule: Document, held: Document) -> Document:
    end = min(item["current_period_end"] for item in held["items"]["data"])
    phase = phases.phase_at(schedule, end)
    if phase is None:
        return held
    change = phases.as_change(held, phase) | {"proration_behavior": "none"}
    return changed(books, held, change)


def _changed(books: Books, subscription: Document, details: Params) -> Document:
    names = (
        *("billing_cycle_anchor", "cancel_at", "cancel_at_period_end", "items"),
        *("proration_behavior", "proration_date", "trial_end"),
    )
    change = {name: details[name] for name in names if name in details}
    if change.get("billing_cycle_anchor") not in (None, "now", "unchanged"):
        sentence = "The anchor of a running subscription is `now` or `unchanged`."
        name = "subscription_details[billing_cycle_anchor]"
        raise invalid(sentence, name)
    return changed(books, subscription, change)


def _begun(books: Books, customer: Document, details: Params) -> Document:
    wanted = {
        "items": details["items"],
        "payment_behavior": "default_incomplete",
        "collection_method": "charge_automatically",
    }
    if details.get("trial_end"):
        wanted["trial_end"] = details["trial_end"]
    if isinstance(details.get("billing_cycle_anchor"), int):
        wanted["billing_cycle_anchor"] = details["billing_cycle_anchor"]
    return begun(books, customer, wanted)


def _unwritten(invoice: Document) -> Document:
    """Return the fields in which a preview differs from an invoice."""
    return {
        "id": invoice["id"].replace("in_", "upcoming_in_", 1),
        "number": None,
        "status": "draft",
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "attempted": False,
        "attempt_count": 0,
        "amount_paid": 0,
        "amount_remaining": invoice["amount_due"],
        "next_payment_attempt": invoice["created"] + 3600,
        "status_transitions": dict.fromkeys(invoice["status_transitions"]),
    }


def _upcoming(
    books: Books,
    customer: Document,
    subscription: Document | None,
    params: Params,
    at: int,
) -> Document:
    """Return the invoice of the next renewal, or of what waits."""
    lines: list[Document] = []
    if subscription is None:
        money = params.get("currency") or customer.get("currency") or "usd"
        invoice = draft(books, customer, at, money, billing_reason="upcoming")
        waiting = pending(books, customer["id"], money)
        if not waiting:
            sentence = f"No upcoming invoices for customer: {customer['id']}"
            raise invalid(sentence, "customer", "invoice_upcoming_none")
    else:
        held = subscription["items"]["data"]
        end = min(item["current_period_end"] for item in held)
        invoice = billing.paper(books, subscription, customer, end, "upcoming")
        waiting = pending(books, customer["id"], subscription["currency"], subscription)
        ends = subscription.get("cancel_at")
        due = [item for item in held if item["current_period_end"] == end]
        lines = billing.usage_lines(books, subscription, invoice["id"], due)
        if not ends or ends > end:
            after = subscription | {"trial_end": None}
            moved = [_next(subscription, item, end) for item in due]
            lines += billing.period_lines(books, after, invoice["id"], moved, end)
        if params.get("preview_mode") == "recurring":
            waiting = []
        if not lines and not waiting:
            sentence = f"No upcoming invoices for customer: {customer['id']}"
            raise invalid(sentence, "subscription", "invoice_upcoming_none")
    if "discounts" in params:
        place = {"customer": customer["id"], "invoice": invoice["id"]}
        discounts = redeemed(books, params["discounts"], (), at, place)
        invoice["discounts"] = [each["id"] for each in discounts]
    lines += [line_of_item(books, invoice["id"], each) for each in waiting]
    invoice |= summed(books, invoice, lines, customer.get("balance") or 0)
    return invoice | _unwritten(invoice)


def _next(subscription: Document, item: Document, end: int) -> Document:
    anchor = subscription["billing_cycle_anchor"]
    start, stop = period_at(anchor, item["price"], end)
    return {**item, "current_period_start": start, "current_period_end": stop}

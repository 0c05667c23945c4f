"""Engine: what happens by itself as time goes by, the earliest first.

Only customers on a test clock have such a time: the invented company's history is
already written, and the account's clock moves nothing in it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.store import Document
from sandbox.stripe import (
    billing,
    collecting,
    invoice_endings,
    invoices,
    items,
    phases,
)
from sandbox.stripe.books import Books
from sandbox.stripe.periods import period_at
from sandbox.stripe.subscriptions import ended

# docs.stripe.com/billing/subscriptions/overview: an incomplete one has 23 hours.
INCOMPLETE_SECONDS = 23 * 3600
MAX_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is to happen."""

    at: int
    order: int
    act: Callable[[int], None]


def run(books: Books, clock_id: str, until: int, tick: Callable[[int], None]) -> None:
    """Let everything happen that is due for the customers of a clock.

    Args:
        books: the account's, written to by Stripe itself.
        clock_id: of the test clock.
        until: the last instant.
        tick: is told the time before each thing happens.
    """
    for _ in range(MAX_STEPS):
        waiting = [due for due in _all(books, clock_id) if due.at <= until]
        if not waiting:
            break
        first = min(waiting, key=lambda due: (due.at, due.order))
        tick(first.at)
        first.act(first.at)
    tick(until)


def _all(books: Books, clock_id: str) -> Iterator[Due]:
    """Yield the next thing of each subscription, invoice and schedule."""
    for schedule in books.find("subscription_schedule", test_clock=clock_id):
        yield from _of_schedule(books, schedule)
    for subscription in books.find("subscription", test_clock=clock_id):
        yield from _of_subscription(books, subscription)
    for invoice in books.find("invoice", test_clock=clock_id):
        yield from _of_invoice(books, invoice)


def _of_schedule(books: Books, schedule: Document) -> Iterator[Due]:
    at = phases.next_at(schedule)
    if at is not None:
        yield Due(at, 0, lambda when: phases.moved(books, schedule, when))


def _of_subscription(books: Books, subscription: Document) -> Iterator[Due]:
    status, cancel_at = subscription["status"], subscription.get("cancel_at")
    if status in ("canceled", "incomplete_expired"):
        return
    if status == "incomplete":
        over = subscription["created"] + INCOMPLETE_SECONDS
        yield Due(over, 4, lambda when: _expired(books, subscription, when))
        return
    if cancel_at:
        yield Due(cancel_at, 1, lambda when: _over(books, subscription, when))
    pause = subscription.get("pause_collection")
    if pause and pause["resumes_at"]:
        resumes = pause["resumes_at"]
        yield Due(
            resumes, 2, lambda _when: _set(books, subscription, pause_collection=None)
        )
    trial = subscription.get("trial_end")
    if status == "trialing" and trial and not subscription.get("_trial_told"):
        # docs.stripe.com/billing/subscriptions/trials: told three days before.
        yield Due(
            trial - 3 * 86_400,
            2,
            lambda _when: _set(books, subscription, _trial_told=True),
        )
    if status != "paused":
        end = min(item["current_period_end"] for item in subscription["items"]["data"])
        if not cancel_at or end < cancel_at:
            yield Due(end, 3, lambda when: _renewed(books, subscription, when))


def _set(books: Books, subscription: Document, **fields: object) -> None:
    books.update(subscription, **fields)


def _over(books: Books, subscription: Document, at: int) -> None:
    """End a subscription whose last day has come; what was used is still charged."""
    last = [
        item
        for item in subscription["items"]["data"]
        if items.is_metered(item) and item["current_period_end"] <= at
    ]
    if last:
        customer = books.need("customer", subscription["customer"])
        paper = billing.paper(books, subscription, customer, at, "subscription_cycle")
        lines = billing.usage_lines(books, subscription, paper["id"], last)
        billing.issued(books, subscription, paper, lines, at_once=True)
        subscription = books.need("subscription", subscription["id"])
    ended(books, subscription, at)


def _expired(books: Books, subscription: Document, at: int) -> None:
    """Give up on a subscription that nobody paid for in time."""
    invoice = books.get("invoice", subscription.get("latest_invoice"))
    if invoice and invoice["status"] == "open":
        invoice_endings.ended(books, invoice, "void", "voided_at")
    books.update(subscription, status="incomplete_expired", ended_at=at)


def _renewed(books: Books, subscription: Document, at: int) -> None:
    """Begin the next period of the items whose period is over."""
    customer = books.need("customer", subscription["customer"])
    held = subscription["items"]["data"]
    due = [item for item in held if item["current_period_end"] <= at]
    in_trial = subscription["status"] == "trialing"
    if in_trial and _ends_without_method(books, subscription, customer, at):
        return
    anchor = subscription["billing_cycle_anchor"]
    moved = {}
    for item in due:
        start, end = period_at(anchor, item["price"], at)
        moved[item["id"]] = {
            **item,
            "current_period_start": start,
            "current_period_end": end,
        }
    after = [moved.get(item["id"], item) for item in held]
    fields: Document = {"items": items.holder(after, subscription["id"])}
    if in_trial:
        fields["status"] = "active"
    subscription = books.update(subscription, **fields)
    paper = billing.paper(books, subscription, customer, at, "subscription_cycle")
    paper |= {
        "period_start": min(item["current_period_start"] for item in due),
        "period_end": at,
    }
    lines = billing.usage_lines(books, subscription, paper["id"], due)
    lines += billing.period_lines(
        books, subscription, paper["id"], list(moved.values()), at
    )
    pause = subscription.get("pause_collection")
    if pause or subscription["status"] == "unpaid":
        paper |= {"auto_advance": False, "automatically_finalizes_at": None}
    _, invoice, _ = billing.issued(books, subscription, paper, lines, at_once=False)
    if pause and pause["behavior"] != "keep_as_draft":
        final = invoices.finalized(books, invoice)
        status = "void" if pause["behavior"] == "void" else "uncollectible"
        stamp = "voided_at" if status == "void" else "marked_uncollectible_at"
        if final["status"] == "open":
            invoice_endings.ended(books, final, status, stamp)


def _ends_without_method(
    books: Books, subscription: Document, customer: Document, at: int
) -> bool:
    """Carry out what a trial's end means where nothing can be charged."""
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    settings = customer.get("invoice_settings") or {}
    has_method = subscription["default_payment_method"] or settings.get(
        "default_payment_method"
    )
    automatic = subscription["collection_method"] == "charge_automatically"
    if behavior == "create_invoice" or has_method or not automatic:
        return False
    if behavior == "cancel":
        ended(books, subscription, at)
    else:
        books.update(subscription, status="paused")
    return True


def _of_invoice(books: Books, invoice: Document) -> Iterator[Due]:
    final_at = invoice.get("automatically_finalizes_at")
    if invoice["status"] == "draft" and final_at and invoice["auto_advance"]:
        yield Due(final_at, 5, lambda _when: _advanced(books, invoice))
    if invoice["status"] == "open" and invoice.get("next_payment_attempt"):
        yield Due(
            invoice["next_payment_attempt"],
            6,
            lambda when: _retried(books, invoice, when),
        )


def _advanced(books: Books, invoice: Document) -> None:
    final = invoices.finalized(books, invoice)
    if final["status"] == "open":
        invoices.collected(books, final)


def _retried(books: Books, invoice: Document, at: int) -> None:
    """Try to collect again; after the last attempt the subscription ends."""
    after = invoices.collected(books, books.update(invoice, next_payment_attempt=None))
    if after["status"] == "open" and after["next_payment_attempt"] is None:
        subscription = collecting.subscription_of(books, after)
        if subscription and subscription["status"] == "past_due":
            details = {"comment": None, "feedback": None, "reason": "payment_failed"}
            ended(books, subscription, at, details)

"""Renewals: what happens to subscriptions and invoices while a test site's time runs.

Only the time machine makes it happen: the other systems of the company have no record
of terms that begin by themselves.
"""

import heapq

from sandbox.chargebee.collecting import charge, dunned
from sandbox.chargebee.desk import SYSTEM, Desk
from sandbox.chargebee.endings import due_at, end, go_on, rest
from sandbox.chargebee.sources import primary_source
from sandbox.chargebee.subscriptions import CHANGES
from sandbox.chargebee.terms import bill, described
from sandbox.collection import column
from sandbox.journal import Document

_RETRY = column("next_retry_at")
_LIVE = f"{column('deleted')} is not 1"


def run_until(desk: Desk, destination: int) -> None:
    """Let everything happen that is due, in the order of its time; end at a time."""
    waiting = _waiting(desk, destination)
    while waiting:
        at, kind, place, record_id = heapq.heappop(waiting)
        _move_to(desk, at)
        if kind == "invoice":
            _retry(desk, record_id)
        else:
            _step(desk, record_id)
        following = _next(desk, kind, record_id)
        # What does not move on is not asked again: it would be due for ever.
        if following is not None and at < following <= destination:
            heapq.heappush(waiting, (following, kind, place, record_id))
        if kind == "subscription":
            for entry in _new_retries(desk, record_id, destination):
                if entry not in waiting:
                    heapq.heappush(waiting, entry)
    _move_to(desk, destination)


def _move_to(desk: Desk, at: int) -> None:
    moved = at - desk.store.clock.now().timestamp()
    if moved > 0:
        desk.store.clock.advance(moved)


Entry = tuple[int, str, int, str]


def _waiting(desk: Desk, until: int) -> list[Entry]:
    due = due_at()
    found = [
        (at, "subscription", place, record_id)
        for at, place, record_id in desk.held("subscription").select(
            f"{due}, place, id", f"{_LIVE} and {due} <= ?", (until,)
        )
    ]
    found += [
        (at, "invoice", place, record_id)
        for at, place, record_id in desk.held("invoice").select(
            f"{_RETRY}, place, id", f"{_LIVE} and {_RETRY} <= ?", (until,)
        )
    ]
    heapq.heapify(found)
    return found


def _new_retries(desk: Desk, subscription_id: str, until: int) -> list[Entry]:
    wanted = f"{column('subscription_id')} = ? and {_RETRY} <= ? and {_LIVE}"
    return [
        (at, "invoice", place, record_id)
        for at, place, record_id in desk.held("invoice").select(
            f"{_RETRY}, place, id", wanted, (subscription_id, until)
        )
    ]


def _next(desk: Desk, kind: str, record_id: str) -> int | None:
    what = _RETRY if kind == "invoice" else due_at()
    found = desk.held(kind).select(what, "id = ?", (record_id,))
    return found[0][0] if found else None


def _retry(desk: Desk, invoice_id: str) -> None:
    """Try once more to collect an invoice in dunning."""
    invoice = desk.get("invoice", invoice_id)
    customer = desk.get("customer", invoice["customer_id"])
    source = primary_source(desk, customer)
    if invoice["amount_due"] == 0 or source is None:
        desk.save("invoice", invoice | {"next_retry_at": None})
        return
    invoice, transaction = charge(desk, invoice, source, invoice["amount_due"])
    if transaction["status"] == "failure":
        desk.save("invoice", dunned(desk, invoice, transaction))


def _step(desk: Desk, subscription_id: str) -> None:
    """Let the next thing happen to a subscription whose time has come."""
    now = desk.now
    subscription = desk.get("subscription", subscription_id)
    status = subscription["status"]
    planned_end = subscription.get("cancelled_at")
    if status == "paused":
        go_on(desk, subscription)
    elif planned_end is not None and planned_end <= now:
        end(desk, subscription, "none")
    elif subscription.get("pause_date", now + 1) <= now and status == "active":
        desk.save("subscription", described(rest(subscription)))
    elif status == "future":
        _start(desk, subscription)
    elif status in {"in_trial", "active", "non_renewing"}:
        _renew(desk, subscription)


def _start(desk: Desk, subscription: Document) -> None:
    start = subscription["start_date"]
    subscription |= {"started_at": start, "start_date": None}
    trial_end = subscription.get("trial_end")
    if trial_end is None:
        bill(desk, subscription, start)
        return
    subscription |= {"status": "in_trial", "next_billing_at": trial_end}
    subscription |= {"current_term_start": start, "current_term_end": trial_end}
    desk.save("subscription", subscription)


def _renew(desk: Desk, subscription: Document) -> None:
    """Begin the next term, with the changes that wait for it."""
    start = subscription["next_billing_at"]
    paper = desk.held(CHANGES).get(subscription["id"])
    if paper is not None:
        desk.store.drop(SYSTEM, CHANGES, subscription["id"])
        subscription |= paper["fields"]
        subscription |= {"has_scheduled_changes": False}
        subscription.pop("changes_scheduled_at", None)
    planned = subscription.get("cancelled_at")
    saved, _ = bill(desk, subscription, start)
    if planned is not None:
        ends = planned <= saved["current_term_end"]
        saved |= {"status": "non_renewing"}
        saved |= {"next_billing_at": None if ends else saved["next_billing_at"]}
        desk.save("subscription", described(saved))

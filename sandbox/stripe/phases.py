"""Phases: what a subscription schedule does next, and what it does then."""

from typing import Any

from sandbox.store import Document
from sandbox.stripe.books import Books
from sandbox.stripe.changes import changed
from sandbox.stripe.shapes import Params
from sandbox.stripe.subscriptions import begun, ended


def next_at(schedule: Document) -> int | None:
    """Return when the next phase of a schedule begins, or the last one ends."""
    phases = schedule["phases"]
    if schedule["status"] == "not_started":
        return int(phases[0]["start_date"])
    if schedule["status"] != "active":
        return None
    return int((schedule["current_phase"] or phases[-1])["end_date"])


def moved(books: Books, schedule: Document, at: int) -> None:
    """Begin the phase that is due, or end the schedule."""
    phase = phase_at(schedule, at)
    if phase is None:
        _finished(books, schedule, at)
        return
    current = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    if schedule["subscription"] is None:
        customer = books.need("customer", schedule["customer"])
        subscription = begun(
            books, customer, begun_with(schedule, phase), schedule["id"]
        )
        books.update(
            schedule,
            current_phase=current,
            status="active",
            subscription=subscription["id"],
        )
        return
    books.update(schedule, current_phase=current, status="active")
    subscription = books.need("subscription", schedule["subscription"])
    changed(books, subscription, as_change(subscription, phase))


def phase_at(schedule: Document, at: int) -> Document | None:
    """Return the phase that an instant lies in."""
    for phase in schedule["phases"]:
        if phase["start_date"] <= at < phase["end_date"]:
            return dict(phase)
    return None


def _finished(books: Books, schedule: Document, at: int) -> None:
    subscription = books.get("subscription", schedule["subscription"])
    released = schedule["end_behavior"] in ("release", "none")
    fields: Document = {"current_phase": None}
    if released:
        fields |= {
            "released_at": at,
            "released_subscription": schedule["subscription"],
            "status": "released",
            "subscription": None,
        }
    else:
        fields |= {"completed_at": at, "status": "completed"}
    books.update(schedule, **fields)
    if subscription is None:
        return
    subscription = books.update(subscription, schedule=None)
    if not released and subscription["status"] != "canceled":
        ended(books, subscription, at)


def begun_with(schedule: Document, phase: Document) -> Params:
    """Return the parameters of the subscription that a phase begins."""
    defaults = schedule["default_settings"]
    params: Params = {
        "items": [_wanted(item) for item in phase["items"]],
        "metadata": phase.get("metadata") or {},
    }
    for name in ("collection_method", "default_payment_method", "description"):
        value = phase.get(name) or defaults.get(name)
        if value:
            params[name] = value
    settings: Any = phase.get("invoice_settings") or defaults["invoice_settings"]
    if settings.get("days_until_due") is not None:
        params["days_until_due"] = settings["days_until_due"]
    if phase.get("discounts"):
        params["discounts"] = [
            {"coupon": each["coupon"]} for each in phase["discounts"]
        ]
    if phase.get("trial_end"):
        params["trial_end"] = phase["trial_end"]
    return params


def _wanted(item: Document) -> Params:
    wanted: Params = {"price": item["price"], "metadata": item.get("metadata") or {}}
    if "quantity" in item:
        wanted["quantity"] = item["quantity"]
    return wanted


def as_change(subscription: Document, phase: Document) -> Params:
    """Return the update that brings a subscription into a phase."""
    held = {item["price"]["id"]: item for item in subscription["items"]["data"]}
    wanted: list[Params] = []
    for item in phase["items"]:
        same = held.pop(item["price"], None)
        wanted.append(_wanted(item) | ({"id": same["id"]} if same else {}))
    # An item that a phase replaces becomes the new one, so that its time is counted.
    left = list(held.values())
    for change in wanted:
        if "id" not in change and left:
            change["id"] = left.pop(0)["id"]
    wanted += [{"id": item["id"], "deleted": True} for item in left]
    params: Params = {
        "items": wanted,
        "proration_behavior": phase["proration_behavior"],
    }
    if phase.get("metadata"):
        params["metadata"] = phase["metadata"]
    if phase.get("discounts"):
        params["discounts"] = [
            {"coupon": each["coupon"]} for each in phase["discounts"]
        ]
    if phase.get("billing_cycle_anchor") == "phase_start":
        params["billing_cycle_anchor"] = "now"
    if phase.get("trial_end"):
        params["trial_end"] = phase["trial_end"]
    return params

"""How a subscription ends, rests, goes on or lasts longer."""

from collections.abc import Mapping

from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import LATEST_SECONDS, Form
from sandbox.chargebee.items import line_for, recurring, usage_lines
from sandbox.chargebee.pricing import part
from sandbox.chargebee.shapes import impossible, wrong
from sandbox.chargebee.subscriptions import shown
from sandbox.chargebee.terms import bill, charged, credited, described, owed
from sandbox.collection import column
from sandbox.journal import Document

CANCEL_OPTIONS = ("immediately", "end_of_term", "specific_date")
CREDIT_OPTIONS = ("none", "prorate", "full")
PAUSE_OPTIONS = ("immediately", "end_of_term", "specific_date")
_OVER = ("cancelled", "transferred")


def cancel(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Cancel a subscription now, at the end of its term or on a day."""
    form.only(
        *("cancel_option", "end_of_term", "cancel_at", "cancel_reason_code"),
        *("credit_option_for_current_term_charges", "unbilled_charges_option"),
    )
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] in _OVER:
        raise impossible(f"Subscription {ids['id']} is cancelled already.")
    option = form.choice("cancel_option", CANCEL_OPTIONS)
    if option is None:
        option = "end_of_term" if form.flag("end_of_term") else "immediately"
    reason = form.text("cancel_reason_code", 100)
    credit_option = form.choice(
        "credit_option_for_current_term_charges", CREDIT_OPTIONS, "none"
    )
    unbilled = form.choice("unbilled_charges_option", ("invoice", "delete"), "invoice")
    subscription["cancel_reason_code"] = reason
    if option == "end_of_term" and subscription["status"] == "in_trial":
        return _ends(desk, subscription, subscription["trial_end"])
    if option == "end_of_term":
        if subscription["status"] not in {"active", "non_renewing"}:
            raise impossible(f"Subscription {ids['id']} has no term that could end.")
        return _ends(desk, subscription, subscription["current_term_end"])
    if option == "specific_date":
        day = form.instant("cancel_at")
        if day is None:
            raise wrong("cancel_at", "cannot be blank")
        if day > desk.now:
            return _ends(desk, subscription, day)
    saved, invoice, notes = end(
        desk, subscription, str(credit_option), bill_rest=unbilled == "invoice"
    )
    return shown(desk, saved, invoice=invoice, credit_notes=notes)


def _ends(desk: Desk, subscription: Document, at: int) -> Answer:
    """Plan the end."""
    status = subscription["status"]
    if status == "active":
        status = "non_renewing"
    plan = {
        "status": status,
        "cancelled_at": at,
        "cancel_schedule_created_at": desk.now,
    }
    if at <= subscription.get("current_term_end", at):
        plan["next_billing_at"] = None
    return shown(desk, desk.save("subscription", described(subscription | plan)))


def end(
    desk: Desk, subscription: Document, credit_option: str, *, bill_rest: bool = True
) -> tuple[Document, Document | None, list[Document]]:
    """End a subscription; return it, its last invoice and the credit notes."""
    now = desk.now
    notes: list[Document] = []
    ran = subscription["status"] in {"active", "non_renewing"}
    if ran and credit_option != "none":
        dates = (subscription["current_term_start"], subscription["current_term_end"])
        at = dates[0] if credit_option == "full" else now
        gone = sum(
            part(each["amount"], *dates, at)
            for each in recurring(subscription["subscription_items"])
        )
        notes = credited(desk, subscription, gone, "subscription_cancellation")
    lines = []
    if ran and bill_rest:
        start = subscription["current_term_start"]
        lines = usage_lines(desk, subscription, (start, now + 1))
        lines = [each for each in lines if each["amount"]]
    over = {
        "status": "cancelled",
        "cancelled_at": now,
        "cancel_reason": subscription.get("cancel_reason"),
        "next_billing_at": None,
        "remaining_billing_cycles": None,
        "pause_date": None,
        "resume_date": None,
    }
    subscription = described(subscription | over)
    if not bill_rest:
        for waiting in desk.of(
            "unbilled_charge", "subscription_id", subscription["id"]
        ):
            desk.save("unbilled_charge", waiting | {"deleted": True})
    if not bill_rest or not ran:
        return desk.save("subscription", owed(desk, subscription)), None, notes
    saved, invoice = charged(desk, subscription, lines)
    return saved, invoice, notes


def remove_cancellation(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Forget the planned end."""
    form.only("billing_cycles")
    subscription = desk.get("subscription", ids["id"])
    if "cancel_schedule_created_at" not in subscription or (
        subscription["status"] in _OVER
    ):
        raise impossible(f"Subscription {ids['id']} has no scheduled cancellation.")
    status = subscription["status"]
    subscription |= {
        "status": "active" if status == "non_renewing" else status,
        "cancelled_at": None,
        "cancel_schedule_created_at": None,
        "cancel_reason_code": None,
        "next_billing_at": subscription.get("current_term_end"),
    }
    return shown(desk, desk.save("subscription", described(subscription)))


def reactivate(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Begin a new term of a cancelled subscription."""
    form.only("invoice_immediately")
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] != "cancelled":
        raise impossible(f"Subscription {ids['id']} is not cancelled.")
    now = desk.now
    subscription |= {"cancelled_at": None, "cancel_reason": None, "started_at": now}
    subscription |= {"cancel_schedule_created_at": None, "cancel_reason_code": None}
    subscription |= {"trial_end": None, "trial_start": None}
    subscription["current_term_start"] = now
    unbilled = not form.flag("invoice_immediately", default=True)
    saved, invoice = bill(desk, _clean(subscription), now, unbilled=unbilled)
    return shown(desk, saved, invoice=invoice)


def _clean(record: Document) -> Document:
    return {key: value for key, value in record.items() if value is not None}


def pause(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Pause a subscription now, at the end of its term or on a day."""
    form.only("pause_option", "pause_date", "resume_date")
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] != "active":
        raise impossible(f"Subscription {ids['id']} is {subscription['status']}.")
    option = form.choice("pause_option", PAUSE_OPTIONS, "immediately")
    at = form.instant("pause_date") if option == "specific_date" else desk.now
    if option == "end_of_term":
        at = subscription["current_term_end"]
    if at is None or at < desk.now:
        raise wrong("pause_date", "should be in the future")
    resumes = form.instant("resume_date")
    if resumes is not None and resumes <= at:
        raise wrong("resume_date", "should be after the pause begins")
    subscription |= {"pause_date": at, "resume_date": resumes}
    if at == desk.now:
        subscription = rest(subscription)
    return shown(desk, desk.save("subscription", described(subscription)))


def rest(subscription: Document) -> Document:
    """Return the subscription once its pause has begun."""
    return subscription | {"status": "paused", "next_billing_at": None}


def remove_pause(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Forget the planned pause."""
    form.only()
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] != "active" or "pause_date" not in subscription:
        raise impossible(f"Subscription {ids['id']} has no scheduled pause.")
    subscription |= {"pause_date": None, "resume_date": None}
    return shown(desk, desk.save("subscription", subscription))


def resume(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Go on with a paused subscription, now or on a day."""
    form.only("resume_option", "resume_date", "charges_handling")
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] != "paused":
        raise impossible(f"Subscription {ids['id']} is not paused.")
    option = form.choice(
        "resume_option", ("immediately", "specific_date"), "immediately"
    )
    if option == "specific_date":
        at = form.instant("resume_date")
        if at is None or at <= desk.now:
            raise wrong("resume_date", "should be in the future")
        saved = desk.save("subscription", subscription | {"resume_date": at})
        return shown(desk, saved)
    waits = form.choice(
        "charges_handling", ("invoice_immediately", "add_to_unbilled_charges")
    )
    saved, invoice = go_on(
        desk, subscription, unbilled=waits == "add_to_unbilled_charges"
    )
    return shown(desk, saved, invoice=invoice)


def go_on(
    desk: Desk, subscription: Document, *, unbilled: bool = False
) -> tuple[Document, Document | None]:
    """End a pause: the term goes on, or a new one begins if it is over."""
    subscription |= {"pause_date": None, "resume_date": None, "status": "active"}
    ends = subscription["current_term_end"]
    if ends > desk.now:
        subscription["next_billing_at"] = ends
        return desk.save("subscription", described(subscription)), None
    return bill(desk, _clean(subscription), desk.now, unbilled=unbilled)


def change_term_end(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Move the end of the current term, with proration if that is wanted."""
    form.only("term_ends_at", "prorate", "invoice_immediately")
    subscription = desk.get("subscription", ids["id"])
    if subscription["status"] not in {"active", "in_trial", "non_renewing"}:
        raise impossible(f"Subscription {ids['id']} is {subscription['status']}.")
    at = form.instant("term_ends_at")
    if at is None or at <= desk.now or at > LATEST_SECONDS:
        raise wrong("term_ends_at", "should be in the future")
    dates = (subscription["current_term_start"], subscription["current_term_end"])
    items = recurring(subscription["subscription_items"])
    notes: list[Document] = []
    lines: list[Document] = []
    if form.flag("prorate") and subscription["status"] != "in_trial":
        notes, lines = _moved(desk, subscription, items, (*dates, at))
    subscription |= {"current_term_end": at, "next_billing_at": at}
    if subscription["status"] == "in_trial":
        subscription["trial_end"] = at
    if subscription["status"] == "non_renewing":
        subscription |= {"cancelled_at": at, "next_billing_at": None}
    if not lines:
        return shown(desk, desk.save("subscription", subscription), credit_notes=notes)
    unbilled = not form.flag("invoice_immediately", default=True)
    saved, invoice = charged(desk, subscription, lines, unbilled=unbilled)
    return shown(desk, saved, invoice=invoice, credit_notes=notes)


def _moved(
    desk: Desk,
    subscription: Document,
    items: list[Document],
    when: tuple[int, int, int],
) -> tuple[list[Document], list[Document]]:
    """Return the credit notes for a term cut short, or the lines for a longer one."""
    start, end_before, end_after = when
    if end_after < end_before:
        gone = sum(part(each["amount"], start, end_before, end_after) for each in items)
        return credited(desk, subscription, gone, "subscription_change"), []
    length = end_before - start
    lines = []
    for each in items:
        amount = each["amount"] * (end_after - end_before) // length
        if amount:
            dates = (end_before, end_after)
            lines.append(line_for(desk, subscription, each, amount, dates))
    return [], lines


def due_at() -> str:
    """Return the SQL for when something next happens to a subscription."""
    never = str(LATEST_SECONDS + 1)
    fields = ("next_billing_at", "cancelled_at", "pause_date")
    running = ", ".join(f"coalesce({column(name)}, {never})" for name in fields)
    return (
        f"case {column('status')}"
        f" when 'paused' then coalesce({column('resume_date')}, {never})"
        f" when 'cancelled' then {never} else min({running}) end"
    )

"""Terms: a subscription's next term begins and is billed, or one changes midway."""

from sandbox.chargebee.collecting import autocollect
from sandbox.chargebee.desk import Desk
from sandbox.chargebee.invoicing import issue
from sandbox.chargebee.items import (
    line_for,
    lines_for,
    month_value,
    recurring,
    usage_lines,
)
from sandbox.chargebee.notes import credit, refundable_of
from sandbox.chargebee.pricing import anchor_of, later, part
from sandbox.journal import Document

# What an unbilled charge and an invoice line have in common.
_WAITING = (
    "date_from",
    "date_to",
    "unit_amount",
    "pricing_model",
    "quantity",
    "amount",
    "discount_amount",
    "description",
    "entity_type",
    "entity_id",
)
_KEPT = ("id", "subscription_id", "customer_id", *_WAITING)


def described(subscription: Document) -> Document:
    """Return the subscription with the amounts that follow from its items."""
    live = subscription["status"] in {"active", "non_renewing"}
    return subscription | {"mrr": month_value(subscription) if live else 0}


def owed(desk: Desk, subscription: Document) -> Document:
    """Return the subscription with what its unpaid invoices come to."""
    due = [
        each
        for each in desk.of("invoice", "subscription_id", subscription["id"])
        if each["status"] in {"payment_due", "not_paid"}
    ]
    fields: Document = {"due_invoices_count": len(due), "due_since": None}
    fields |= {"total_dues": sum(each["amount_due"] for each in due) or None}
    if due:
        fields["due_since"] = min(each["date"] for each in due)
    return subscription | fields


def bill(
    desk: Desk, subscription: Document, start: int, *, unbilled: bool = False
) -> tuple[Document, Document | None]:
    """Begin a term and invoice it; return the subscription and the invoice.

    What was used in the term before and what waits as unbilled charges is invoiced
    with it.
    """
    anchor = anchor_of(subscription.get("trial_end") or subscription["started_at"])
    end = later(
        start,
        subscription["billing_period"],
        subscription["billing_period_unit"],
        anchor,
    )
    before = subscription.get("current_term_start")
    items = subscription["subscription_items"]
    first = "activated_at" not in subscription
    lines = lines_for(desk, subscription, recurring(items), (start, end))
    if first:
        once = [each for each in items if each["item_type"] == "charge"]
        lines += lines_for(desk, subscription, once, (start, start))
    elif before is not None:
        lines += usage_lines(desk, subscription, (before, start))
    subscription |= {
        "status": "active",
        "current_term_start": start,
        "current_term_end": end,
        "next_billing_at": end,
        "activated_at": subscription.get("activated_at", start),
    }
    cycles = subscription.get("remaining_billing_cycles")
    if cycles is not None:
        subscription["remaining_billing_cycles"] = cycles - 1
        if cycles <= 1:
            last = {"status": "non_renewing", "cancelled_at": end}
            subscription |= {**last, "next_billing_at": None}
    return charged(desk, described(subscription), lines, unbilled=unbilled)


def charged(
    desk: Desk, subscription: Document, lines: list[Document], *, unbilled: bool = False
) -> tuple[Document, Document | None]:
    """Invoice lines with all that waits, or let them wait; save the subscription."""
    customer = desk.get("customer", subscription["customer_id"])
    if unbilled:
        for each in lines:
            wait(desk, subscription, each)
        return desk.save("subscription", subscription), None
    for waiting in desk.of("unbilled_charge", "subscription_id", subscription["id"]):
        lines.append(waiting_line(waiting))
        desk.store.delete(
            *("chargebee", "unbilled_charge", waiting["id"]),
            actor=desk.actor,
            request_id=desk.request_id,
        )
    if not lines:
        return desk.save("subscription", owed(desk, subscription)), None
    invoice = issue(
        desk,
        customer,
        lines,
        subscription["currency_code"],
        subscription_id=subscription["id"],
        coupons=_coupons(desk, subscription),
        po_number=subscription.get("po_number"),
        net_term_days=subscription.get("net_term_days"),
    )
    if subscription.get("auto_collection", "on") == "on":
        invoice, _ = autocollect(desk, customer, invoice)
    tell_usages(desk, invoice)
    return desk.save("subscription", owed(desk, subscription)), invoice


def tell_usages(desk: Desk, invoice: Document) -> None:
    """Write the invoice's id on the usages that its lines charge."""
    lines = {each["id"] for each in invoice["line_items"] if each.get("metered")}
    if lines:
        wanted = invoice.get("subscription_id", "")
        for usage in desk.of("usage", "subscription_id", wanted):
            if usage.get("line_item_id") in lines:
                desk.save("usage", usage | {"invoice_id": invoice["id"]})


def wait(desk: Desk, subscription: Document, line: Document) -> Document:
    """Keep a line as an unbilled charge until the next invoice."""
    return desk.save(
        "unbilled_charge",
        {
            "id": line["id"],
            "customer_id": subscription["customer_id"],
            "subscription_id": subscription["id"],
            **{name: line.get(name) for name in _WAITING},
            "currency_code": subscription["currency_code"],
            "is_voided": False,
            "is_advance_charge": False,
            "created_at": desk.now,
            "deleted": False,
            "object": "unbilled_charge",
        },
    )


def waiting_line(waiting: Document) -> Document:
    """Return an unbilled charge as an invoice line."""
    return {
        **{name: waiting[name] for name in _KEPT if name in waiting},
        "is_taxed": False,
        "tax_amount": 0,
        "item_level_discount_amount": 0,
        "object": "line_item",
    }


def _coupons(desk: Desk, subscription: Document) -> list[str]:
    """Return the coupons that still count, and count one use of each."""
    found = []
    for each in subscription.get("coupons", []):
        coupon = desk.held("coupon").get(each["coupon_id"])
        if coupon is None:
            continue
        if "apply_till" not in each and coupon["duration_type"] == "limited_period":
            unit = coupon.get("period_unit", "month")
            start = desk.now
            each["apply_till"] = later(start, coupon["period"], unit, anchor_of(start))
        once = coupon["duration_type"] == "one_time" and each["applied_count"] > 0
        if not once and each.get("apply_till", desk.now + 1) > desk.now:
            each["applied_count"] += 1
            found.append(each["coupon_id"])
    return found


def changed(
    desk: Desk, before: Document, fields: Document, *, prorate: bool, unbilled: bool
) -> tuple[Document, Document | None, list[Document]]:
    """Change a subscription within its term.

    The rest of the term that was paid for and is not wanted any more is credited, what
    is wanted instead is invoiced for the rest. A new billing period begins a new term.

    Returns:
        The subscription, the invoice and the credit notes.
    """
    after = described(before | fields)
    if before["status"] not in {"active", "non_renewing"}:
        return desk.save("subscription", owed(desk, after)), None, []
    now = desk.now
    dates = (before["current_term_start"], before["current_term_end"])
    fresh = any(
        before[name] != after[name]
        for name in ("billing_period", "billing_period_unit")
    )
    old, new = _moves(before, after, whole=fresh)
    notes: list[Document] = []
    if prorate or fresh:
        gone = sum(part(amount, *dates, now) for _, amount in old)
        notes = credited(desk, after, gone, "subscription_change")
    if fresh:
        saved, invoice = bill(
            desk, after | {"started_at": now, "trial_end": None}, now, unbilled=unbilled
        )
        return saved, invoice, notes
    lines = [
        line_for(
            desk,
            after,
            item,
            part(amount, *dates, now),
            (now, dates[1]),
        )
        for item, amount in new
        if prorate and part(amount, *dates, now)
    ]
    once = [
        each
        for each in after["subscription_items"]
        if each["item_type"] == "charge" and each not in before["subscription_items"]
    ]
    lines += lines_for(desk, after, once, (now, now))
    if not lines:
        return desk.save("subscription", owed(desk, after)), None, notes
    saved, invoice = charged(desk, after, lines, unbilled=unbilled)
    return saved, invoice, notes


def _moves(
    before: Document, after: Document, *, whole: bool
) -> tuple[list[tuple[Document, int]], list[tuple[Document, int]]]:
    """Return items with what they cost less, and with what they cost more, a term."""
    had = {
        each["item_price_id"]: each for each in recurring(before["subscription_items"])
    }
    has = {
        each["item_price_id"]: each for each in recurring(after["subscription_items"])
    }
    if whole:
        return [(each, each["amount"]) for each in had.values()], []
    less, more = [], []
    for key in had | has:
        step = has.get(key, {}).get("amount", 0) - had.get(key, {}).get("amount", 0)
        if step < 0:
            less.append((had[key], -step))
        elif step > 0:
            more.append((has[key], step))
    return less, more


def credited(
    desk: Desk, subscription: Document, amount: int, reason: str
) -> list[Document]:
    """Credit an amount on the subscription's invoices, the newest first."""
    notes: list[Document] = []
    found = desk.of("invoice", "subscription_id", subscription["id"])
    for invoice in reversed(found):
        if amount == 0:
            break
        if invoice["status"] == "voided":
            continue
        kind, most = "refundable", refundable_of(invoice)
        if invoice["amount_due"]:
            kind, most = "adjustment", invoice["amount_due"]
        part_of = min(amount, most)
        if part_of > 0:
            amount -= part_of
            notes.append(credit(desk, invoice, kind, part_of, reason)[1])
    return notes

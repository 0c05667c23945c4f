"""Invoicing: how charges become an invoice, and how an invoice is paid.

Whatever changes an invoice goes through `settled`, so that its amounts always sum:
total = paid + credited + adjusted + written off + due.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.chargebee.coupons import taken
from sandbox.chargebee.desk import Desk
from sandbox.chargebee.pricing import is_payable
from sandbox.chargebee.shapes import impossible
from sandbox.collection import column
from sandbox.journal import Document

SECONDS_PER_DAY = 86_400


def line(
    desk: Desk,
    *,
    amount: int,
    quantity: int,
    unit: int,
    dates: tuple[int, int],
    entity: tuple[str, str | None],
    description: str,
    owner: tuple[str, str | None],
    model: str = "flat_fee",
    metered: bool = False,
) -> Document:
    """Return an invoice line; `owner` is the customer and the subscription."""
    fields = {
        "id": desk.made("li_"),
        "date_from": dates[0],
        "date_to": dates[1],
        "unit_amount": unit,
        "quantity": quantity,
        "amount": amount,
        "pricing_model": model,
        "is_taxed": False,
        "tax_amount": 0,
        "object": "line_item",
        "subscription_id": owner[1],
        "customer_id": owner[0],
        "description": description,
        "entity_type": entity[0],
        "entity_id": entity[1],
        "metered": metered,
        "tax_exempt_reason": "tax_not_configured",
        "discount_amount": 0,
        "item_level_discount_amount": 0,
    }
    return {key: each for key, each in fields.items() if each is not None}


def settled(desk: Desk, invoice: Document) -> Document:
    """Return the invoice with what is due, and the status that follows from it."""
    due = invoice["total"] - sum(
        invoice[name]
        for name in (
            "amount_paid",
            "credits_applied",
            "amount_adjusted",
            "write_off_amount",
        )
    )
    invoice |= {"amount_due": due, "amount_to_collect": due}
    if invoice["status"] in {"voided", "pending"}:
        return invoice | {"amount_due": 0, "amount_to_collect": 0}
    if due == 0:
        paid_at = invoice.get("paid_at") or desk.now
        invoice |= {"status": "paid", "paid_at": paid_at, "next_retry_at": None}
        if invoice.get("dunning_status") == "in_progress":
            invoice["dunning_status"] = "success"
        return invoice
    status = "posted" if invoice["due_date"] > desk.now else "payment_due"
    if invoice.get("dunning_status") in {"exhausted", "stopped"}:
        status = "not_paid"
    return invoice | {"status": status, "paid_at": None}


def discounted(
    desk: Desk, lines: list[Document], coupon_ids: Iterable[str], currency: str
) -> list[Document]:
    """Take the coupons off the lines, in order; return the invoice's discounts."""
    found: list[Document] = []
    for coupon_id in coupon_ids:
        coupon = desk.held("coupon").get(coupon_id)
        if coupon is None:
            continue
        parts = taken(coupon, lines, currency)
        each_item = coupon["apply_on"] == "each_specified_item"
        for each, amount in zip(lines, parts, strict=True):
            each["discount_amount"] += amount
            if each_item:
                each["item_level_discount_amount"] += amount
        if sum(parts):
            level = "item_level" if each_item else "document_level"
            found.append(
                {
                    "object": "discount",
                    "entity_type": f"{level}_coupon",
                    "discount_type": coupon["discount_type"],
                    "entity_id": coupon_id,
                    "amount": sum(parts),
                    "description": coupon.get("invoice_name", coupon["name"]),
                }
            )
    return found


def issue(
    desk: Desk,
    customer: Document,
    lines: list[Document],
    currency: str,
    *,
    subscription_id: str | None = None,
    coupons: Sequence[str] = (),
    recurring: bool = True,
    **fields: Any,
) -> Document:
    """Make an invoice, use up the customer's credits on it, and save it.

    Args:
        desk: where it is written.
        customer: who pays.
        lines: what for.
        currency: of all of them.
        subscription_id: what they belong to, if they belong to one.
        coupons: ids of what is taken off.
        recurring: whether the charges come again.
        **fields: of the invoice: date, po_number, net_term_days.
    """
    discounts = discounted(desk, lines, coupons, currency)
    sub_total = sum(each["amount"] for each in lines)
    total = sub_total - sum(each["amount"] for each in discounts)
    if not is_payable(sub_total) or total < 0:
        raise impossible("The amount of the invoice is out of range.")
    date = fields.pop("date", None) or desk.now
    days = fields.pop("net_term_days", None)
    if days is None:
        days = customer["net_term_days"]
    first = not desk.held("invoice").count(
        f"{column('customer_id')} = ?", (customer["id"],)
    )
    invoice = {
        "id": str(100_000 + desk.store.number()),
        "customer_id": customer["id"],
        "subscription_id": subscription_id,
        "recurring": recurring,
        "status": "payment_due",
        "price_type": "tax_exclusive",
        "date": date,
        "due_date": date + days * SECONDS_PER_DAY,
        "net_term_days": days,
        "vat_number": customer.get("vat_number"),
        **fields,
        "total": total,
        "tax": 0,
        "sub_total": sub_total,
        "amount_paid": 0,
        "amount_adjusted": 0,
        "write_off_amount": 0,
        "credits_applied": 0,
        "round_off_amount": 0,
        "new_sales_amount": total if first else 0,
        "first_invoice": first,
        "has_advance_charges": False,
        "term_finalized": True,
        "is_gifted": False,
        "generated_at": desk.now,
        "channel": "web",
        "currency_code": currency,
        "base_currency_code": "USD",
        "line_items": lines,
        "discounts": discounts,
        "linked_payments": [],
        "applied_credits": [],
        "adjustment_credit_notes": [],
        "issued_credit_notes": [],
        "linked_orders": [],
        "dunning_attempts": [],
        "billing_address": customer.get("billing_address"),
        "deleted": False,
        "object": "invoice",
    }
    return desk.save("invoice", settled(desk, _credited(desk, invoice)))


def _credited(desk: Desk, invoice: Document) -> Document:
    """Use the customer's refundable credits on the invoice, the oldest first."""
    left = invoice["total"]
    for note in desk.of("credit_note", "customer_id", invoice["customer_id"]):
        amount = min(left, note["amount_available"])
        usable = note["status"] == "refund_due" and amount > 0
        if not usable or note["currency_code"] != invoice["currency_code"]:
            continue
        left -= amount
        apply_credit(desk, note, invoice, amount)
    return invoice


def apply_credit(desk: Desk, note: Document, invoice: Document, amount: int) -> None:
    """Use so much of a credit note on an invoice, which the caller saves."""
    note["allocations"].append(
        {
            "invoice_id": invoice["id"],
            "allocated_amount": amount,
            "allocated_at": desk.now,
            "invoice_date": invoice["date"],
            "invoice_status": "paid",
            "object": "allocation",
        }
    )
    note["amount_allocated"] += amount
    note["amount_available"] -= amount
    if note["amount_available"] == 0:
        note["status"] = "refunded" if note["amount_refunded"] else "adjusted"
    saved = desk.save("credit_note", note)
    invoice["credits_applied"] += amount
    invoice["applied_credits"].append(
        {
            "cn_id": note["id"],
            "applied_amount": amount,
            "applied_at": desk.now,
            "cn_reason_code": note["reason_code"],
            "cn_date": note["date"],
            "cn_status": saved["status"],
            "object": "applied_credit",
        }
    )

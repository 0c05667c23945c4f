"""Chargebee's credit notes: what is taken back of an invoice, and given back."""

from collections.abc import Mapping
from typing import Any

from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.invoicing import line, settled
from sandbox.chargebee.shapes import impossible, wrong
from sandbox.journal import Document

TYPES = ("adjustment", "refundable")
REASONS = (
    "product_unsatisfactory",
    "service_unsatisfactory",
    "order_change",
    "order_cancellation",
    "waiver",
    "write_off",
    "subscription_change",
    "subscription_cancellation",
    "subscription_pause",
    "other",
)
METHODS = ("cash", "check", "bank_transfer", "other", "app_store", "play_store")


def refundable_of(invoice: Document) -> int:
    """Return how much of what was paid may still be credited for a refund."""
    paid = int(invoice["amount_paid"]) + int(invoice["credits_applied"])
    return paid - sum(
        int(each["cn_total"])
        for each in invoice["issued_credit_notes"]
        if each["cn_status"] != "voided"
    )


def credit(
    desk: Desk, invoice: Document, kind: str, total: int, reason: str, **fields: Any
) -> tuple[Document, Document]:
    """Make a credit note; return the invoice and the note.

    An adjustment lowers what is due; a refundable one waits to be refunded, or to be
    used on the next invoice.
    """
    now = desk.now
    lines = fields.pop("lines", None) or [
        line(
            desk,
            amount=total,
            quantity=1,
            unit=total,
            dates=(now, now),
            entity=("adhoc", None),
            description=f"Credit for invoice {invoice['id']}",
            owner=(invoice["customer_id"], invoice.get("subscription_id")),
        )
    ]
    adjusts = kind == "adjustment"
    note = {
        "id": f"CN-{100_000 + desk.store.number()}",
        "customer_id": invoice["customer_id"],
        "subscription_id": invoice.get("subscription_id"),
        "reference_invoice_id": invoice["id"],
        "type": kind,
        "reason_code": reason,
        "status": "adjusted" if adjusts else "refund_due",
        "date": now,
        "price_type": "tax_exclusive",
        "currency_code": invoice["currency_code"],
        "base_currency_code": "USD",
        "total": total,
        "sub_total": total,
        "amount_allocated": total if adjusts else 0,
        "amount_refunded": 0,
        "amount_available": 0 if adjusts else total,
        "round_off_amount": 0,
        "generated_at": now,
        "channel": "web",
        **fields,
        "line_items": lines,
        "discounts": [],
        "linked_refunds": [],
        "allocations": [],
        "deleted": False,
        "object": "credit_note",
    }
    saved = desk.save("credit_note", note)
    name = "adjustment_credit_notes" if adjusts else "issued_credit_notes"
    invoice[name].append(
        {
            "cn_id": saved["id"],
            "cn_reason_code": reason,
            "cn_date": now,
            "cn_total": total,
            "cn_status": saved["status"],
            "object": name.removesuffix("s"),
        }
    )
    if adjusts and reason == "write_off":
        invoice["write_off_amount"] += total
    elif adjusts:
        invoice["amount_adjusted"] += total
    return desk.save("invoice", settled(desk, invoice)), saved


def give_back(
    desk: Desk, note: Document, amount: int, refunded: Document | None, **fields: Any
) -> tuple[Document, Document]:
    """Write down the refund of a credit note; return the note and the transaction."""
    date = fields.pop("date", None) or desk.now
    transaction = {
        "id": desk.made("txn_"),
        "customer_id": note["customer_id"],
        "subscription_id": note.get("subscription_id"),
        "type": "refund",
        "date": date,
        "amount": amount,
        "status": "success",
        "currency_code": note["currency_code"],
        "base_currency_code": "USD",
        "refunded_txn_id": None if refunded is None else refunded["id"],
        **fields,
        "linked_credit_notes": [
            {
                "cn_id": note["id"],
                "applied_amount": amount,
                "applied_at": desk.now,
                "cn_reason_code": note["reason_code"],
                "cn_date": note["date"],
                "cn_total": note["total"],
                "cn_status": "refunded",
                "cn_reference_invoice_id": note["reference_invoice_id"],
                "object": "linked_credit_note",
            }
        ],
        "deleted": False,
        "object": "transaction",
    }
    written = desk.save("transaction", transaction)
    told = {"txn_id": written["id"], "txn_status": "success", "txn_date": date}
    told |= {"txn_amount": amount}
    note["linked_refunds"].append(
        {**told, "applied_amount": amount, "applied_at": desk.now}
        | {"object": "linked_refund"}
    )
    note["amount_refunded"] += amount
    note["amount_available"] -= amount
    if note["amount_available"] == 0:
        note |= {"status": "refunded", "refunded_at": desk.now}
    if refunded is not None:
        refunded["linked_refunds"].append({**told, "object": "linked_refund"})
        desk.save("transaction", refunded)
    return desk.save("credit_note", note), written


def create(desk: Desk, form: Form, _ids: Mapping[str, str]) -> Answer:
    """Create a credit note for an invoice."""
    form.only(
        *("reference_invoice_id", "total", "type", "reason_code"),
        *("create_reason_code", "customer_notes", "comment", "line_items"),
    )
    wanted = form.required("reference_invoice_id")
    invoice = desk.get("invoice", wanted, "reference_invoice_id")
    kind = form.choice("type", TYPES)
    if kind is None:
        raise wrong("type", "cannot be blank")
    lines = [_line(desk, invoice, row) for row in form.rows("line_items")]
    total = form.whole("total", 1) or sum(each["amount"] for each in lines)
    if not total or (lines and total != sum(each["amount"] for each in lines)):
        raise wrong("total", "should be the sum of the lines, and above 0")
    most = invoice["amount_due"] if kind == "adjustment" else refundable_of(invoice)
    if invoice["status"] == "voided" or total > most:
        raise impossible(f"No more than {most} of invoice {wanted} can be credited.")
    reason = form.choice("reason_code", REASONS, "other") or "other"
    changed, note = credit(
        desk,
        invoice,
        kind,
        total,
        reason,
        lines=lines,
        create_reason_code=form.text("create_reason_code", 100),
    )
    return {"credit_note": note, "invoice": changed}


def _line(desk: Desk, invoice: Document, row: Form) -> Document:
    row.only(
        "reference_line_item_id", "unit_amount", "quantity", "amount", "description"
    )
    wanted = row.required("reference_line_item_id")
    known = {each["id"]: each for each in invoice["line_items"]}
    if wanted not in known:
        raise wrong(row.param("reference_line_item_id"), f"{wanted} not found")
    taken = known[wanted]
    amount = row.whole("amount", 1, taken["amount"] - taken["discount_amount"])
    if amount is None:
        raise wrong(row.param("amount"), "cannot be blank")
    copied = {**taken, "id": desk.made("li_"), "reference_line_item_id": wanted}
    return copied | {"amount": amount, "unit_amount": amount, "quantity": 1}


def retrieve(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Return one credit note."""
    form.only()
    return {"credit_note": desk.get("credit_note", ids["id"])}


def void(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Void a credit note of which nothing was used."""
    form.only("comment")
    note = desk.get("credit_note", ids["id"])
    used = note["amount_refunded"] or note["allocations"]
    if note["status"] == "voided" or note["type"] == "adjustment" or used:
        raise impossible(f"Credit note {note['id']} cannot be voided.")
    note |= {"status": "voided", "voided_at": desk.now, "amount_available": 0}
    invoice = desk.get("invoice", note["reference_invoice_id"])
    for each in invoice["issued_credit_notes"]:
        if each["cn_id"] == note["id"]:
            each["cn_status"] = "voided"
    desk.save("invoice", invoice)
    return {"credit_note": desk.save("credit_note", note)}


def refund(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Give a credit note back to the card that paid its invoice."""
    form.only("refund_amount", "customer_notes", "refund_reason_code")
    note = desk.get("credit_note", ids["id"])
    amount = form.whole("refund_amount", 1, default=note["amount_available"]) or 0
    if note["status"] != "refund_due" or amount > note["amount_available"]:
        raise impossible(f"Credit note {note['id']} has not that much to refund.")
    invoice = desk.get("invoice", note["reference_invoice_id"])
    paid = next((e for e in payments(desk, invoice) if can_give(e, amount)), None)
    if paid is None:
        raise impossible("No single card payment of the invoice is that large.")
    note, transaction = give_back(desk, note, amount, paid, **card_of_payment(paid))
    return {"credit_note": note, "transaction": transaction}


def payments(desk: Desk, invoice: Document) -> list[Document]:
    """Return what was paid on an invoice."""
    found = [
        desk.held("transaction").get(each["txn_id"])
        for each in invoice["linked_payments"]
        if each["txn_status"] == "success"
    ]
    return [each for each in found if each is not None]


def left(transaction: Document) -> int:
    """Return how much of a payment was not given back yet."""
    back = sum(int(each["txn_amount"]) for each in transaction["linked_refunds"])
    return int(transaction["amount"]) - back


def can_give(transaction: Document, amount: int) -> bool:
    """Say whether so much of a payment can be given back to its card."""
    return "payment_source_id" in transaction and left(transaction) >= amount


def card_of_payment(paid: Document) -> Document:
    """Return what a refund says of the card that it goes back to."""
    fields = ("payment_method", "payment_source_id", "gateway", "gateway_account_id")
    return {name: paid[name] for name in (*fields, "masked_card_number")}


def record_refund(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Write down that a credit note was refunded outside of Chargebee."""
    form.only("transaction", "refund_reason_code", "comment")
    note = desk.get("credit_note", ids["id"])
    inner = form.group("transaction")
    inner.only("amount", "payment_method", "reference_number", "date", "id")
    method = inner.choice("payment_method", METHODS)
    date = inner.instant("date")
    if method is None or date is None:
        raise wrong(
            inner.param("date" if method else "payment_method"), "cannot be blank"
        )
    amount = inner.whole("amount", 1, default=note["amount_available"]) or 0
    if note["status"] != "refund_due" or amount > note["amount_available"]:
        raise impossible(f"Credit note {note['id']} has not that much to refund.")
    note, transaction = give_back(
        desk,
        note,
        amount,
        None,
        date=date,
        payment_method=method,
        reference_number=inner.text("reference_number", 100),
    )
    return {"credit_note": note, "transaction": transaction}

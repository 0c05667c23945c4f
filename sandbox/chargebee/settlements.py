"""Chargebee's invoices once they are made: paid, collected, refunded."""

from collections.abc import Mapping

from sandbox.chargebee.collecting import charge, payment
from sandbox.chargebee.desk import Answer, Desk
from sandbox.chargebee.forms import Form
from sandbox.chargebee.notes import (
    REASONS,
    card_of_payment,
    credit,
    give_back,
    left,
    payments,
    refundable_of,
)
from sandbox.chargebee.shapes import declined, impossible, wrong
from sandbox.chargebee.sources import primary_source
from sandbox.journal import Document

PAYMENT_METHODS = (
    "cash",
    "check",
    "bank_transfer",
    "other",
    "custom",
    "card",
    "app_store",
    "play_store",
)
OPEN = ("payment_due", "not_paid", "posted")


def still_open(desk: Desk, invoice_id: str) -> Document:
    """Return an invoice of which something is due, or refuse."""
    invoice = desk.get("invoice", invoice_id)
    if invoice["status"] not in OPEN:
        status = invoice["status"]
        raise impossible(f"Invoice {invoice_id} is {status}: nothing is due.")
    return invoice


def record_payment(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Write down a payment that was made outside of Chargebee."""
    form.only("transaction", "comment")
    invoice = still_open(desk, ids["id"])
    inner = form.group("transaction")
    inner.only(
        *("amount", "payment_method", "reference_number", "id_at_gateway", "status"),
        *("date", "error_code", "error_text"),
    )
    method = inner.choice("payment_method", PAYMENT_METHODS)
    if method is None:
        raise wrong(inner.param("payment_method"), "cannot be blank")
    invoice, transaction = payment(
        desk,
        invoice,
        inner.whole("amount", 1, default=invoice["amount_due"]) or 0,
        inner.choice("status", ("success", "failure"), "success") or "success",
        date=inner.instant("date"),
        payment_method=method,
        gateway="not_applicable",
        reference_number=inner.text("reference_number", 100),
        id_at_gateway=inner.text("id_at_gateway", 100),
        error_code=inner.text("error_code", 100),
        error_text=inner.text("error_text", 65_000),
    )
    return {"invoice": invoice, "transaction": transaction}


def collect(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Collect what is due from a card; a refused card leaves a failed transaction."""
    form.only("amount", "payment_source_id", "comment")
    invoice = still_open(desk, ids["id"])
    customer = desk.get("customer", invoice["customer_id"])
    amount = form.whole("amount", 1, default=invoice["amount_due"]) or 0
    if amount > invoice["amount_due"]:
        raise wrong("amount", f"should not be more than {invoice['amount_due']}")
    wanted = form.text("payment_source_id")
    source = primary_source(desk, customer)
    if wanted is not None:
        source = desk.get("payment_source", wanted, "payment_source_id")
        if source["customer_id"] != customer["id"]:
            raise wrong("payment_source_id", "belongs to another customer")
    if source is None:
        sentence = f"Customer {customer['id']} has no valid payment method."
        return declined(sentence, "payment_method_not_present")
    invoice, transaction = charge(desk, invoice, source, amount)
    if transaction["status"] == "failure":
        return declined("Problem while adding the payment: the card was declined.")
    return {"invoice": invoice, "transaction": transaction}


def refund(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Give money back to the card that paid the invoice."""
    form.only("refund_amount", "credit_note", "comment", "customer_notes")
    invoice = desk.get("invoice", ids["id"])
    by_card = [
        each for each in payments(desk, invoice) if each.get("payment_source_id")
    ]
    most = min(refundable_of(invoice), sum(left(each) for each in by_card))
    amount = form.whole("refund_amount", 1, default=most) or 0
    if invoice["status"] == "voided" or not 0 < amount <= most:
        raise impossible(
            f"No more than {most} of invoice {invoice['id']} can be refunded."
        )
    paid = next((each for each in by_card if left(each) >= amount), None)
    if paid is None:
        raise impossible(f"No single payment of invoice {invoice['id']} is that large.")
    reason = form.group("credit_note").choice("reason_code", REASONS, "other")
    invoice, note = credit(desk, invoice, "refundable", amount, reason or "other")
    note, transaction = give_back(desk, note, amount, paid, **card_of_payment(paid))
    invoice = _noted(desk, invoice, note)
    return {"invoice": invoice, "transaction": transaction, "credit_note": note}


def _noted(desk: Desk, invoice: Document, note: Document) -> Document:
    for each in invoice["issued_credit_notes"]:
        if each["cn_id"] == note["id"]:
            each["cn_status"] = note["status"]
    return desk.save("invoice", invoice)


def record_refund(desk: Desk, form: Form, ids: Mapping[str, str]) -> Answer:
    """Write down money that was given back outside of Chargebee."""
    form.only("transaction", "credit_note", "comment", "customer_notes")
    invoice = desk.get("invoice", ids["id"])
    inner = form.group("transaction")
    inner.only("amount", "payment_method", "reference_number", "date", "id")
    method, date = (
        inner.choice("payment_method", PAYMENT_METHODS),
        inner.instant("date"),
    )
    if method is None or date is None:
        raise wrong(
            inner.param("date" if method else "payment_method"), "cannot be blank"
        )
    most = refundable_of(invoice)
    amount = inner.whole("amount", 1, default=most) or 0
    if invoice["status"] == "voided" or not 0 < amount <= most:
        raise impossible(
            f"No more than {most} of invoice {invoice['id']} can be refunded."
        )
    reason = form.group("credit_note").choice("reason_code", REASONS, "other")
    invoice, note = credit(desk, invoice, "refundable", amount, reason or "other")
    note, transaction = give_back(
        desk,
        note,
        amount,
        next(iter(payments(desk, invoice)), None),
        date=date,
        payment_method=method,
        reference_number=inner.text("reference_number", 100),
    )
    invoice = _noted(desk, invoice, note)
    return {"invoice": invoice, "transaction": transaction, "credit_note": note}

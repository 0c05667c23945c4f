"""Chargebee's invoices, with what was paid on them and taken back."""

from collections.abc import Iterator

from sandbox.chargebee.documents_ids import customer_id, invoice_id, subscription_id
from sandbox.chargebee.documents_payments import (
    line_document,
    note_document,
    payment_tries,
    refund_document,
    refund_link,
)
from sandbox.chargebee.documents_shapes import (
    ISSUED_AT,
    PAID_AT,
    adjusted_minor,
    due_minor,
    stamped,
    status_of,
)
from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.company.facts import Invoice
from sandbox.shapes import Document
from sandbox.stripe.documents_subscriptions import coupon_id


def invoice_objects(
    company: Company, invoice: Invoice
) -> Iterator[tuple[str, Document]]:
    """Yield the invoice with its transactions and credit notes, by object."""
    tries = list(payment_tries(company, invoice))
    refund = company.refund_by_invoice.get(invoice.key)
    note = company.credit_note_by_invoice.get(invoice.key)
    back = note_document(invoice, note, refund) if note or refund else None
    document = _invoice(company, invoice, tries, back)
    yield "invoice", document
    for each in tries:
        link = each["linked_invoices"][0]
        link |= {"invoice_status": document["status"]}
        if refund is not None and each["status"] == "success":
            each["linked_refunds"].append(refund_link(refund))
        yield "transaction", each
    if back is not None:
        yield "credit_note", back
    if refund is not None and back is not None:
        paid = next(each for each in tries if each["status"] == "success")
        yield "transaction", refund_document(invoice, refund, back, paid)


def _invoice(
    company: Company, invoice: Invoice, tries: list[Document], back: Document | None
) -> Document:
    status = status_of(company, invoice)
    paid = sum(e["amount"] for e in tries if e["status"] == "success")
    failures = [e for e in tries if e["status"] == "failure"]
    adjusted = adjusted_minor(company, invoice)
    issued = epoch(invoice.issued_on, ISSUED_AT)
    paid_at = None if invoice.paid_on is None else epoch(invoice.paid_on, PAID_AT)
    voided = None if invoice.voided_on is None else epoch(invoice.voided_on, PAID_AT)
    contract = company.contract_by_key[invoice.contract_key]
    due = due_minor(company, invoice)
    discounts = []
    if invoice.discount_minor and contract.discount is not None:
        percent, months = contract.discount.percent, contract.discount.months
        discounts.append(
            {
                "object": "discount",
                "entity_type": "item_level_coupon",
                "discount_type": "percentage",
                "entity_id": coupon_id(percent, months),
                "amount": invoice.discount_minor,
                "description": f"{percent} % off",
            }
        )
    notes = []
    if back is not None:
        notes.append(
            {
                "cn_id": back["id"],
                "cn_reason_code": back["reason_code"],
                "cn_date": back["date"],
                "cn_total": back["total"],
                "cn_status": back["status"],
            }
        )
    first = company.invoices_of[invoice.customer.key][0] is invoice
    at = max(
        issued,
        *(each["updated_at"] for each in tries),
        paid_at or 0,
        voided or 0,
        back["updated_at"] if back else 0,
    )
    return stamped(
        {
            "id": invoice_id(invoice),
            "customer_id": customer_id(invoice.customer),
            "subscription_id": subscription_id(invoice.contract_key),
            "recurring": True,
            "status": status,
            "price_type": "tax_exclusive",
            "date": issued,
            "due_date": issued if invoice.due_on is None else epoch(invoice.due_on),
            "net_term_days": 0 if invoice.due_on is None else 30,
            "total": invoice.total_minor,
            "tax": 0,
            "sub_total": invoice.subtotal_minor,
            "amount_paid": paid,
            "amount_adjusted": adjusted,
            "write_off_amount": 0,
            "credits_applied": 0,
            "amount_due": due,
            "amount_to_collect": due,
            "paid_at": paid_at,
            "voided_at": voided,
            "dunning_status": "in_progress" if invoice.failed and due else None,
            "round_off_amount": 0,
            "new_sales_amount": invoice.total_minor if first else 0,
            "first_invoice": first,
            "has_advance_charges": False,
            "term_finalized": True,
            "is_gifted": False,
            "generated_at": issued,
            "channel": "web",
            "currency_code": invoice.customer.currency,
            "base_currency_code": "USD",
            "line_items": [line_document(invoice, line) for line in invoice.lines],
            "discounts": discounts,
            "linked_payments": [_payment_link(each) for each in tries],
            "applied_credits": [],
            "adjustment_credit_notes": [
                {**each, "object": "adjustment_credit_note"}
                for each in notes
                if adjusted
            ],
            "issued_credit_notes": [
                {**each, "object": "issued_credit_note"}
                for each in notes
                if not adjusted
            ],
            "linked_orders": [],
            "dunning_attempts": [
                {
                    "attempt": place,
                    "transaction_id": each["id"],
                    "dunning_type": "auto_collect",
                    "created_at": each["date"],
                    "txn_status": "failure",
                    "txn_amount": each["amount"],
                    "object": "dunning_attempt",
                }
                for place, each in enumerate(failures, start=1)
            ],
            "deleted": False,
            "object": "invoice",
        },
        at,
    )


def _payment_link(transaction: Document) -> Document:
    return {
        "txn_id": transaction["id"],
        "applied_amount": transaction["amount"],
        "applied_at": transaction["date"],
        "txn_status": transaction["status"],
        "txn_date": transaction["date"],
        "txn_amount": transaction["amount"],
        "object": "linked_payment",
    }

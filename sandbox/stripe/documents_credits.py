"""Stripe credit notes: before payment less is due, after it money was given back."""

from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.company.facts import CreditNote
from sandbox.identifiers import stripe_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    credit_note_id,
    customer_id,
    invoice_id,
    line_id,
    refund_id,
)

ISSUED_AT = 15 * 3_600 - 60  # seconds after midnight: just before its refund


def credit_notes(company: Company) -> list[Document]:
    """Return all credit notes."""
    return [_credit_note(company, each) for each in company.credit_notes]


def _credit_note(company: Company, note: CreditNote) -> Document:
    invoice = company.invoice_by_key[note.invoice_key]
    identity = credit_note_id(note)
    created = epoch(note.issued_on, ISSUED_AT)
    is_paid_back = note.refund_key is not None
    refunds = []
    if is_paid_back:
        refund = company.refund_by_invoice[note.invoice_key]
        refunds.append(
            {
                "amount_refunded": refund.amount_minor,
                "payment_record_refund": None,
                "refund": refund_id(refund),
                "type": "refund",
            }
        )
    lines = {line.key: line for line in invoice.lines}
    return {
        "id": identity,
        "object": "credit_note",
        "amount": note.total_minor,
        "amount_shipping": 0,
        "created": created,
        "currency": invoice.customer.currency.lower(),
        "customer": customer_id(invoice.customer),
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": created,
        "invoice": invoice_id(invoice),
        "lines": {
            "object": "list",
            "data": [
                {
                    "id": stripe_id("cnli", line.key),
                    "object": "credit_note_line_item",
                    "amount": line.amount_minor,
                    "description": f"Credit for {note.reason.replace('_', ' ')}",
                    "discount_amount": 0,
                    "discount_amounts": [],
                    "invoice_line_item": line_id(invoice, lines[line.invoice_line_key]),
                    "livemode": False,
                    "pretax_credit_amounts": [],
                    "quantity": 1,
                    "tax_rates": [],
                    "taxes": [],
                    "type": "invoice_line_item",
                    "unit_amount": line.amount_minor,
                    "unit_amount_decimal": str(line.amount_minor),
                }
                for line in note.lines
            ],
            "has_more": False,
            "url": f"/v1/credit_notes/{identity}/lines",
        },
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": note.number,
        "out_of_band_amount": None,
        "pdf": f"https://pay.stripe.com/credit_notes/{identity}/pdf",
        "post_payment_amount": note.total_minor if is_paid_back else 0,
        "pre_payment_amount": 0 if is_paid_back else note.total_minor,
        "pretax_credit_amounts": [],
        "reason": note.reason,
        "refunds": refunds,
        "shipping_cost": None,
        "status": "issued",
        "subtotal": note.total_minor,
        "subtotal_excluding_tax": note.total_minor,
        "total": note.total_minor,
        "total_excluding_tax": note.total_minor,
        "total_taxes": [],
        "type": "post_payment" if is_paid_back else "pre_payment",
        "voided_at": None,
    }

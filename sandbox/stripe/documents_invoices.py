"""Stripe invoices, with everything that hangs on one: items, payment and refund."""

from collections.abc import Iterator

from sandbox.company.agreed import purchase_order
from sandbox.company.company import Company
from sandbox.company.days import add_months, epoch, plus
from sandbox.company.entities import BY_CODE
from sandbox.company.facts import Basis, Contract, Invoice
from sandbox.salesforce.documents import contract_id
from sandbox.shapes import Document
from sandbox.stripe.documents_ids import (
    customer_id,
    discount_id,
    invoice_id,
    subscription_id,
)
from sandbox.stripe.documents_lines import invoice_item_document, line_document
from sandbox.stripe.documents_payments import Times, payment_objects
from sandbox.stripe.documents_shapes import address_document

ITEM_BASES = {Basis.ONE_TIME, Basis.PRORATION, Basis.COMMIT}
NO_TAX = {
    "disabled_reason": None,
    "enabled": False,
    "liability": None,
    "provider": None,
    "status": None,
}


def invoice_objects(
    company: Company, invoice: Invoice
) -> Iterator[tuple[str, Document]]:
    """Yield the invoice and its other objects, each with the name of its type."""
    times = Times.of(invoice, company.attempts_of.get(invoice.key, ()))
    yield "invoice", _invoice(company, invoice, times)
    for line in invoice.lines:
        if line.basis in ITEM_BASES:
            yield (
                "invoiceitem",
                invoice_item_document(company, invoice, line, times.created),
            )
    yield from payment_objects(company, invoice, times)


def _invoice(company: Company, invoice: Invoice, times: Times) -> Document:
    identity = invoice_id(invoice)
    customer = invoice.customer
    contract = company.contract_by_key[invoice.contract_key]
    is_paid = invoice.status == "paid"
    total = invoice.total_minor
    note = company.credit_note_by_invoice.get(invoice.key)
    credited = 0 if note is None else note.total_minor
    written = company.written(customer, "stripe")
    seller = BY_CODE[customer.entity]
    discounts = [discount_id(contract)] if invoice.discount_minor else []
    cycle = {"month": 1, "year": 12}[contract.interval]
    began = invoice.issued_on
    if invoice.reason == "subscription_cycle":
        began = add_months(began, -cycle)
    replaces = None
    if invoice.replaces is not None:
        original = company.invoice_by_key[invoice.replaces]
        replaces = {"action": "revision", "invoice": invoice_id(original)}
    return {
        "id": identity,
        "object": "invoice",
        "account_country": seller.country,
        "account_name": (
            seller.name if "entities" in company.features else "Concord Sandbox"
        ),
        "account_tax_ids": None,
        "amount_due": total - credited if not is_paid else total,
        "amount_overpaid": 0,
        "amount_paid": total if is_paid else 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0 if is_paid else total - credited,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": times.attempts,
        "attempted": times.attempts > 0,
        "auto_advance": invoice.status == "open",
        "automatic_tax": dict(NO_TAX),
        "automatically_finalizes_at": None,
        "billing_reason": invoice.reason,
        "collection_method": (
            "charge_automatically" if invoice.due_on is None else "send_invoice"
        ),
        "created": times.created,
        "currency": customer.currency.lower(),
        "custom_fields": _custom_fields(company, contract),
        "customer": customer_id(customer),
        "customer_address": None
        if written.address is None
        else address_document(customer.country, written.address),
        "customer_email": written.email,
        "customer_name": written.name,
        "customer_phone": written.phone,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": discounts,
        "due_date": times.due,
        "effective_at": times.finalized,
        "ending_balance": 0,
        "footer": None,
        "from_invoice": replaces,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": _revision(company, invoice),
        "lines": {
            "object": "list",
            "data": [line_document(company, invoice, each) for each in invoice.lines],
            "has_more": False,
            "url": f"/v1/invoices/{identity}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": (
            epoch(plus(company.as_of, 2), 3_600) if invoice.failed else None
        ),
        "number": invoice.number,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": {
                    "salesforce_contract_id": contract_id(invoice.contract_key)
                },
                "subscription": subscription_id(invoice.contract_key),
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": epoch(invoice.issued_on),
        "period_start": epoch(began),
        "post_payment_credit_notes_amount": credited if is_paid else 0,
        "pre_payment_credit_notes_amount": 0 if is_paid else credited,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": invoice.status,
        "status_transitions": {
            "finalized_at": times.finalized,
            "marked_uncollectible_at": None,
            "paid_at": times.paid,
            "voided_at": times.voided,
        },
        "subtotal": invoice.subtotal_minor,
        "subtotal_excluding_tax": invoice.subtotal_minor,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [
            {"amount": invoice.discount_minor, "discount": each} for each in discounts
        ],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": times.created,
    }


def _custom_fields(company: Company, contract: Contract) -> list[Document] | None:
    """Return the customer's order number, where it wants to see one."""
    number = purchase_order(contract) if "terms" in company.features else None
    return None if number is None else [{"name": "PO Number", "value": number}]


def _revision(company: Company, invoice: Invoice) -> str | None:
    again = company.invoice_by_key.get(f"{invoice.key}r")
    return None if again is None else invoice_id(again)

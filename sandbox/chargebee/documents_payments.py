"""Chargebee's transactions and credit notes of the company's invoices."""

from collections.abc import Iterator

from sandbox.chargebee.documents_ids import (
    chargebee_id,
    customer_id,
    invoice_id,
    payment_id,
    price_id,
    refund_id,
    source_id,
    subscription_id,
)
from sandbox.chargebee.documents_shapes import (
    CREDITED_AT,
    ISSUED_AT,
    PAID_AT,
    adjusted_minor,
    stamped,
    type_of,
)
from sandbox.chargebee.sources import GATEWAY, GATEWAY_ACCOUNT
from sandbox.company.catalogue import ALL_BY_SKU
from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.company.facts import (
    Attempt,
    Basis,
    CreditNote,
    Invoice,
    InvoiceLine,
    Refund,
)
from sandbox.shapes import Document

# The reasons of the facts are Stripe's.
REASONS = {"order_change", "product_unsatisfactory"}


def line_document(invoice: Invoice, line: InvoiceLine) -> Document:
    """Return a line of the invoice."""
    product = ALL_BY_SKU[line.price.sku]
    prorated = " - Prorated Charges" if line.basis is Basis.PRORATION else ""
    return {
        "id": f"li_{line.key}".replace(":", "_"),
        "date_from": epoch(line.starts_on),
        "date_to": epoch(line.ends_before),
        "unit_amount": line.unit_minor,
        "quantity": line.quantity,
        "amount": line.amount_minor,
        "pricing_model": "tiered" if line.tier else "per_unit",
        "is_taxed": False,
        "tax_amount": 0,
        "object": "line_item",
        "subscription_id": subscription_id(invoice.contract_key),
        "customer_id": customer_id(invoice.customer),
        "description": product.name + prorated,
        "entity_type": f"{type_of(line.price)}_item_price",
        "entity_id": price_id(line.price),
        "metered": line.basis is Basis.USAGE,
        "tax_exempt_reason": "tax_not_configured",
        "discount_amount": line.discount_minor,
        "item_level_discount_amount": line.discount_minor,
    }


def payment_tries(company: Company, invoice: Invoice) -> Iterator[Document]:
    """Yield a transaction for every try to collect the invoice."""
    amount = invoice.total_minor - adjusted_minor(company, invoice)
    known = company.attempts_of.get(invoice.key, ())
    if amount == 0 or invoice.status == "void":
        return
    if known:
        for attempt in known:
            on = epoch(attempt.on, PAID_AT + attempt.number)
            yield _try(invoice, attempt.key, attempt.amount_minor, on, attempt)
    elif invoice.failed:
        on = epoch(invoice.issued_on, ISSUED_AT)
        lost = Attempt(
            key=invoice.key,
            invoice_key=invoice.key,
            number=1,
            on=invoice.issued_on,
            amount_minor=amount,
            succeeded=False,
            decline_code=None,
        )
        yield _try(invoice, invoice.key, amount, on, lost)
    elif invoice.paid_on is not None:
        on = epoch(invoice.paid_on, PAID_AT)
        yield _try(invoice, invoice.key, amount, on, None)


def _try(
    invoice: Invoice, key: str, amount: int, on: int, attempt: Attempt | None
) -> Document:
    fine = attempt is None or attempt.succeeded
    code = None if fine or attempt is None else attempt.decline_code or "card_declined"
    by_card = invoice.due_on is None
    return stamped(
        {
            "id": payment_id(key),
            "customer_id": customer_id(invoice.customer),
            "subscription_id": subscription_id(invoice.contract_key),
            "type": "payment",
            "date": on,
            "amount": amount,
            "amount_unused": 0,
            "status": "success" if fine else "failure",
            "currency_code": invoice.customer.currency,
            "base_currency_code": "USD",
            "payment_method": "card" if by_card else "bank_transfer",
            "payment_source_id": source_id(invoice.customer) if by_card else None,
            "gateway": GATEWAY if by_card else "not_applicable",
            "gateway_account_id": GATEWAY_ACCOUNT if by_card else None,
            "masked_card_number": "************1111" if by_card else None,
            "id_at_gateway": chargebee_id("cb_", key) if by_card else None,
            "error_code": code,
            "error_text": None if code is None else "The card was declined.",
            "linked_invoices": [
                {
                    "invoice_id": invoice_id(invoice),
                    "applied_amount": amount,
                    "applied_at": on,
                    "invoice_date": epoch(invoice.issued_on, ISSUED_AT),
                    "invoice_total": invoice.total_minor,
                    "object": "linked_invoice",
                }
            ],
            "linked_refunds": [],
            "deleted": False,
            "object": "transaction",
        },
        on,
    )


def note_document(
    invoice: Invoice, note: CreditNote | None, refund: Refund | None
) -> Document:
    """Return the credit note; Chargebee makes one for every refund, too."""
    adjusts = note is not None and note.refund_key is None
    if note is not None:
        number, on, total = note.number, note.issued_on, note.total_minor
        reason = note.reason if note.reason in REASONS else "other"
        taken = {each.invoice_line_key: each.amount_minor for each in note.lines}
    elif refund is not None:
        number, on, total = f"CN-{invoice.number}", refund.made_on, refund.amount_minor
        reason, taken = "other", {}
    else:
        raise ValueError(f"nothing was taken back of {invoice.key}")
    at = epoch(on, CREDITED_AT)
    lines = [
        {**line_document(invoice, each), "id": f"cnli_{each.key}".replace(":", "_")}
        | {"reference_line_item_id": f"li_{each.key}".replace(":", "_")}
        | {"amount": taken[each.key], "unit_amount": taken[each.key], "quantity": 1}
        | {"discount_amount": 0, "item_level_discount_amount": 0}
        for each in invoice.lines
        if each.key in taken
    ]
    refunded = 0 if adjusts or refund is None else total
    return stamped(
        {
            "id": number,
            "customer_id": customer_id(invoice.customer),
            "subscription_id": subscription_id(invoice.contract_key),
            "reference_invoice_id": invoice_id(invoice),
            "type": "adjustment" if adjusts else "refundable",
            "reason_code": reason,
            "status": "adjusted" if adjusts else "refunded",
            "date": at,
            "price_type": "tax_exclusive",
            "currency_code": invoice.customer.currency,
            "base_currency_code": "USD",
            "total": total,
            "sub_total": total,
            "amount_allocated": total if adjusts else 0,
            "amount_refunded": refunded,
            "amount_available": 0 if adjusts else total - refunded,
            "refunded_at": at if refunded else None,
            "round_off_amount": 0,
            "generated_at": at,
            "channel": "web",
            "line_items": lines,
            "discounts": [],
            "linked_refunds": [] if refund is None else [refund_link(refund)],
            "allocations": [],
            "deleted": False,
            "object": "credit_note",
        },
        at,
    )


def refund_link(refund: Refund) -> Document:
    """Return what a payment or a credit note says of its refund."""
    at = epoch(refund.made_on, CREDITED_AT)
    return {
        "txn_id": refund_id(refund),
        "applied_amount": refund.amount_minor,
        "applied_at": at,
        "txn_status": "success",
        "txn_date": at,
        "txn_amount": refund.amount_minor,
        "object": "linked_refund",
    }


def refund_document(
    invoice: Invoice, refund: Refund, note: Document, payment: Document
) -> Document:
    """Return the transaction of a refund, which gives back a payment."""
    at = epoch(refund.made_on, CREDITED_AT)
    by_card = invoice.due_on is None
    return stamped(
        {
            "id": refund_id(refund),
            "customer_id": customer_id(invoice.customer),
            "subscription_id": subscription_id(invoice.contract_key),
            "type": "refund",
            "date": at,
            "amount": refund.amount_minor,
            "status": "success",
            "currency_code": invoice.customer.currency,
            "base_currency_code": "USD",
            "payment_method": "card" if by_card else "bank_transfer",
            "gateway": GATEWAY if by_card else "not_applicable",
            "refunded_txn_id": payment["id"],
            "linked_credit_notes": [
                {
                    "cn_id": note["id"],
                    "applied_amount": refund.amount_minor,
                    "applied_at": at,
                    "cn_reason_code": note["reason_code"],
                    "cn_date": note["date"],
                    "cn_total": note["total"],
                    "cn_status": note["status"],
                    "cn_reference_invoice_id": invoice_id(invoice),
                    "object": "linked_credit_note",
                }
            ],
            "deleted": False,
            "object": "transaction",
        },
        at,
    )

"""Stripe invoice lines, and the invoice items from which some of them come."""

from sandbox.company.catalogue import ALL_BY_SKU
from sandbox.company.company import Company
from sandbox.company.days import epoch
from sandbox.company.facts import Basis, Invoice, InvoiceLine
from sandbox.shapes import Document, major
from sandbox.stripe.documents_ids import (
    customer_id,
    discount_id,
    invoice_id,
    invoice_item_id,
    item_id,
    line_id,
    price_id,
    product_id,
    subscription_id,
)

# Billed by an item that waited for the invoice, not by the subscription.
ONE_TIME_BASES = {Basis.ONE_TIME, Basis.COMMIT}


def line_document(company: Company, invoice: Invoice, line: InvoiceLine) -> Document:
    """Return a line of the invoice; its amount is before the discount."""
    contract = company.contract_by_key[invoice.contract_key]
    discounts = [discount_id(contract)] if line.discount_minor else []
    return {
        "id": line_id(invoice, line),
        "object": "line_item",
        "amount": line.amount_minor,
        "currency": invoice.customer.currency.lower(),
        "description": _description(line),
        "discount_amounts": [
            {"amount": line.discount_minor, "discount": each} for each in discounts
        ],
        "discountable": line.basis not in ONE_TIME_BASES,
        "discounts": discounts,
        "invoice": invoice_id(invoice),
        "livemode": False,
        "metadata": {},
        "parent": _line_parent(company, invoice, line),
        "period": {"end": epoch(line.ends_before), "start": epoch(line.starts_on)},
        "pretax_credit_amounts": [],
        "pricing": _pricing(company, line),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subtotal": line.amount_minor,
        "taxes": [],
    }


def _line_parent(company: Company, invoice: Invoice, line: InvoiceLine) -> Document:
    proration: Document = {
        "proration": line.basis is Basis.PRORATION,
        "proration_details": {"credited_items": None},
        "subscription": subscription_id(invoice.contract_key),
    }
    if line.basis in ONE_TIME_BASES:
        return {
            "invoice_item_details": {
                "invoice_item": invoice_item_id(line),
                **proration,
            },
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    pending = invoice_item_id(line) if line.basis is Basis.PRORATION else None
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": pending,
            **proration,
            "subscription_item": item_id(
                invoice.contract_key, company.seed, line.price
            ),
        },
        "type": "subscription_item_details",
    }


def _pricing(company: Company, line: InvoiceLine) -> Document:
    return {
        "price_details": {
            "price": price_id(company.seed, line.price),
            "product": product_id(company.seed, line.price.sku),
        },
        "type": "price_details",
        "unit_amount_decimal": str(line.unit_minor),
    }


def _description(line: InvoiceLine) -> str:
    name = ALL_BY_SKU[line.price.sku].name
    if line.basis is Basis.PRORATION:
        day = f"{line.starts_on:%d %b %Y}"
        return f"Remaining time on {line.quantity} x {name} after {day}"
    unit = major(line.unit_minor, line.price.currency)
    per = f" / {line.price.interval}" if line.price.interval else ""
    return f"{line.quantity} x {name} (at {unit} {line.price.currency}{per})"


def invoice_item_document(
    company: Company, invoice: Invoice, line: InvoiceLine, created: int
) -> Document:
    """Return the item that waited until the invoice collected it."""
    contract = company.contract_by_key[invoice.contract_key]
    return {
        "id": invoice_item_id(line),
        "object": "invoiceitem",
        "amount": line.amount_minor,
        "currency": invoice.customer.currency.lower(),
        "customer": customer_id(invoice.customer),
        "date": created,
        "description": _description(line),
        "discountable": line.basis not in ONE_TIME_BASES,
        "discounts": [discount_id(contract)] if line.discount_minor else [],
        "invoice": invoice_id(invoice),
        "livemode": False,
        "metadata": {},
        "net_amount": line.amount_minor - line.discount_minor,
        "parent": {
            "subscription_details": {
                "subscription": subscription_id(invoice.contract_key)
            },
            "type": "subscription_details",
        },
        "period": {"end": epoch(line.ends_before), "start": epoch(line.starts_on)},
        "pricing": _pricing(company, line),
        "proration": line.basis is Basis.PRORATION,
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "tax_rates": [],
        "test_clock": None,
    }

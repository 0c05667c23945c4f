"""What Chargebee's records of the company have in common."""

from sandbox.company.catalogue import ALL_BY_SKU, Charge, Product
from sandbox.company.company import Company
from sandbox.company.facts import Invoice, Price
from sandbox.shapes import Document

HOUR = 3_600
ISSUED_AT = 1 * HOUR  # billing runs at night
PAID_AT = 14 * HOUR
CREDITED_AT = 15 * HOUR


def stamped(document: Document, at: int) -> Document:
    """Return a record that was last changed at an instant, without empty fields."""
    shown = {key: each for key, each in document.items() if each is not None}
    return shown | {"updated_at": at, "resource_version": at * 1000}


def kind_of(product: Product) -> str:
    """Return what an item is: plan, addon or charge."""
    if product.charge is Charge.ONE_TIME:
        return "charge"
    return "plan" if product.family in {"Platform", "Bundle"} else "addon"


def type_of(price: Price) -> str:
    """Return what the item of a price is."""
    return kind_of(ALL_BY_SKU[price.sku])


def status_of(company: Company, invoice: Invoice) -> str:
    """Return what Chargebee says of the invoice on the last day."""
    if invoice.status == "void":
        return "voided"
    if invoice.status == "paid" or invoice.total_minor == 0:
        return "paid"
    if invoice.due_on is not None and invoice.due_on > company.as_of:
        return "posted"
    return "payment_due"


def adjusted_minor(company: Company, invoice: Invoice) -> int:
    """Return what a credit note took off what was due."""
    note = company.credit_note_by_invoice.get(invoice.key)
    return note.total_minor if note is not None and note.refund_key is None else 0


def due_minor(company: Company, invoice: Invoice) -> int:
    """Return what is still to be paid."""
    if status_of(company, invoice) in {"paid", "voided"}:
        return 0
    return invoice.total_minor - adjusted_minor(company, invoice)

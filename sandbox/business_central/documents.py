"""Business Central: the books of the entities that keep them there.

A GUID is the id everywhere, a blank text is empty and not null, a blank reference is
the GUID of zeros, and money is a decimal in major units of the document's currency.
"""

from collections.abc import Iterator

from sandbox.business_central.documents_ledger import entries, memos
from sandbox.business_central.documents_records import (
    SYSTEM,
    company_id,
    customer_id,
    customer_number,
    invoice_id,
    number_of,
    record,
)
from sandbox.business_central.marks import guid
from sandbox.business_central.posting import BANK, RECEIVABLE, REVENUE
from sandbox.company.company import Company
from sandbox.company.facts import Customer, Entity, Invoice, InvoiceLine
from sandbox.shapes import Document, major

__all__ = ["business_central_documents", "company_id", "customer_id", "invoice_id"]

STATUSES = {"open": "Open", "paid": "Paid", "void": "Canceled"}
_ACCOUNTS = (
    (BANK, "Bank", "Assets"),
    (RECEIVABLE, "Receivables", "Assets"),
    (REVENUE, "Revenue", "Income"),
)


def business_central_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by entity set; customers of other ERPs are left out."""
    company = company.using(SYSTEM)
    owner_of = {each.code: company_id(each) for each in company.entities}
    invoices = [each for each in company.invoices if each.customer.entity in owner_of]
    records: dict[str, list[Document]] = {
        "companies": [_company(company, each) for each in company.entities],
        "customers": [
            _customer(company, each, owner_of[each.entity])
            for each in company.customers
            if each.entity in owner_of
        ],
        "items": [],
        "accounts": [],
        "salesInvoices": [_invoice(company, each, owner_of) for each in invoices],
        "salesInvoiceLines": [
            line for each in invoices for line in _lines(company, each, owner_of)
        ],
        "salesCreditMemos": list(memos(company, owner_of)),
        "generalLedgerEntries": list(entries(company, invoices, owner_of)),
        "customerPaymentJournals": [],
        "dimensions": [],
    }
    for entity in company.entities:
        owner = company_id(entity)
        records["items"] += list(_items(company, owner))
        records["accounts"] += list(_accounts(company, owner))
        records["customerPaymentJournals"].append(_journal(company, owner))
        records["dimensions"].append(_dimension(company, owner))
    return records


def _company(company: Company, entity: Entity) -> Document:
    key = company_id(entity)
    name = entity.name
    return record(
        "companies",
        key,
        key,
        company.starts_on,
        name=name,
        displayName=name,
        systemVersion="27.0",
    )


def _customer(company: Company, customer: Customer, owner: str) -> Document:
    written = company.written(customer, SYSTEM)
    address = written.address
    open_minor = sum(
        invoice.total_minor
        for invoice in company.invoices_of.get(customer.key, ())
        if invoice.status == "open"
    )
    place: dict[str, object] = {"country": customer.country}
    if address is not None:
        place = {
            "addressLine1": address.line1,
            "city": address.city,
            "state": address.region or "",
            "postalCode": address.postal_code,
            "country": address.country,
        }
    return record(
        "customers",
        customer_id(customer),
        owner,
        customer.created_on,
        number=customer_number(customer),
        displayName=written.name,
        type="Company",
        phoneNumber=written.phone or "",
        email=written.email,
        website=f"https://www.{written.domain}" if written.domain else "",
        taxLiable=True,
        taxRegistrationNumber=written.tax_id or "",
        currencyCode=customer.currency,
        balance=major(open_minor, customer.currency),
        **place,
    )


def _items(company: Company, owner: str) -> Iterator[Document]:
    for product in company.products:
        yield record(
            "items",
            guid("item", owner, product.sku),
            owner,
            company.starts_on,
            number=product.sku,
            displayName=product.name,
            type="Service",
            baseUnitOfMeasureCode="PCS",
        )


def _accounts(company: Company, owner: str) -> Iterator[Document]:
    for number, name, category in _ACCOUNTS:
        yield record(
            "accounts",
            guid("account", owner, number),
            owner,
            company.starts_on,
            number=number,
            displayName=name,
            category=category,
            accountType="Posting",
            directPosting=True,
        )


def _journal(company: Company, owner: str) -> Document:
    return record(
        "customerPaymentJournals",
        guid("journal", owner),
        owner,
        company.starts_on,
        code="DEFAULT",
        displayName="Payments received",
        balancingAccountId=guid("account", owner, BANK),
        balancingAccountNumber=BANK,
    )


def _dimension(company: Company, owner: str) -> Document:
    return record(
        "dimensions",
        guid("dimension", owner),
        owner,
        company.starts_on,
        code="SEGMENT",
        displayName="Segment",
    )


def _invoice(company: Company, invoice: Invoice, owner_of: dict[str, str]) -> Document:
    customer, currency = invoice.customer, invoice.customer.currency
    changed_on = invoice.voided_on or invoice.paid_on or invoice.issued_on
    due = invoice.total_minor if invoice.status == "open" else 0
    return record(
        "salesInvoices",
        invoice_id(invoice),
        owner_of[customer.entity],
        changed_on,
        number=number_of(invoice.number),
        externalDocumentNumber=invoice.number,
        invoiceDate=invoice.issued_on.isoformat(),
        postingDate=invoice.issued_on.isoformat(),
        dueDate=(invoice.due_on or invoice.issued_on).isoformat(),
        customerId=customer_id(customer),
        customerNumber=customer_number(customer),
        customerName=company.written(customer, SYSTEM).name,
        currencyCode=currency,
        totalAmountExcludingTax=major(invoice.total_minor, currency),
        totalAmountIncludingTax=major(invoice.total_minor, currency),
        remainingAmount=major(due, currency),
        status=STATUSES[invoice.status],
    )


def _lines(
    company: Company, invoice: Invoice, owner_of: dict[str, str]
) -> Iterator[Document]:
    names = {product.sku: product.name for product in company.products}
    for place, line in enumerate(invoice.lines, 1):
        yield _line(invoice, line, place, names, owner_of[invoice.customer.entity])


def _line(
    invoice: Invoice, line: InvoiceLine, place: int, names: dict[str, str], owner: str
) -> Document:
    currency = invoice.customer.currency
    amount = major(line.amount_minor - line.discount_minor, currency)
    return record(
        "salesInvoiceLines",
        guid("line", line.key),
        owner,
        invoice.issued_on,
        documentId=invoice_id(invoice),
        sequence=place * 10_000,
        itemId=guid("item", owner, line.price.sku),
        lineType="Item",
        lineObjectNumber=line.price.sku,
        description=names.get(line.price.sku, line.price.sku),
        quantity=line.quantity,
        unitPrice=major(line.unit_minor, currency),
        discountAmount=major(line.discount_minor, currency),
        amountExcludingTax=amount,
        amountIncludingTax=amount,
    )

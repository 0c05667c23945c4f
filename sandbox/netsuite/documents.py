"""NetSuite: customers, items, invoices and payments as the columns SuiteQL shows.

Ids are integers written as strings, booleans are T or F, money is a decimal in major
units of the transaction's currency.
"""

from collections.abc import Iterator

from sandbox.company.company import Company
from sandbox.company.facts import Customer, Invoice
from sandbox.company.guise import ADDRESSED
from sandbox.netsuite.documents_extras import (
    addresses,
    credit_objects,
    customer_extras,
    deposit_objects,
    subsidiaries,
    transaction_extras,
)
from sandbox.netsuite.documents_ids import (
    FIRST_CUSTOMER,
    customer_id,
    invoice_id,
    item_id,
    payment_id,
)
from sandbox.netsuite.documents_ledger import item_extras, ledger_objects
from sandbox.netsuite.documents_lines import invoice_lines
from sandbox.shapes import Document, major, netsuite_time
from sandbox.stripe.documents_ids import customer_id as stripe_customer_id
from sandbox.stripe.documents_ids import invoice_id as stripe_invoice_id
from sandbox.stripe.documents_ids import payment_intent_id

__all__ = [
    "application_document",
    "customer_id",
    "invoice_document",
    "invoice_id",
    "item_id",
    "netsuite_documents",
    "payment_document",
    "payment_id",
]

STATUSES = {"open": "Open", "paid": "Paid In Full", "void": "Voided"}


def netsuite_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by record type.

    Customers whose entity keeps its books in another ERP are left out.
    """
    company = company.using("netsuite")
    invoices = company.invoices
    paid = [invoice for invoice in invoices if invoice.paid_on is not None]
    records: dict[str, list[Document]] = {
        "customer": [_customer(company, each) for each in company.customers],
        "item": list(_items(company)),
        "invoice": [
            invoice_document(each) | transaction_extras(company, each)
            for each in invoices
        ],
        "payment": [
            payment_document(each) | transaction_extras(company, each) for each in paid
        ],
        "payment_application": [application_document(each) for each in paid],
    }
    if "entities" in company.features:
        records["subsidiary"] = subsidiaries(company)
    if company.features & ADDRESSED:
        records["entityaddress"] = addresses(company)
    if "credit_notes" in company.features:
        records |= credit_objects(company)
    if "payments" in company.features:
        records |= deposit_objects(company)
    if "ledger" in company.features:
        records |= ledger_objects(company)
        for invoice in invoices:
            records["transactionline"] += invoice_lines(company, invoice)
    return records


def _customer(company: Company, customer: Customer) -> Document:
    written = company.written(customer, "netsuite")
    linked = "netsuite" not in customer.missing_links
    return {
        "id": customer_id(customer),
        "entityid": f"CUST{FIRST_CUSTOMER + customer.number}",
        "externalid": stripe_customer_id(customer) if linked else None,
        "companyname": written.name,
        "email": written.email,
        "vatregnumber": written.tax_id,
        "currency": customer.currency,
        "country": customer.country,
        "isinactive": "F",
        **customer_extras(company, customer),
        "lastmodifieddate": netsuite_time(customer.created_on, 11),
    }


def _items(company: Company) -> Iterator[Document]:
    for product in company.products:
        yield {
            "id": item_id(product.sku),
            "itemid": product.sku,
            "displayname": product.name,
            "externalid": None,
            "isinactive": "F",
            **item_extras(company, product),
            "lastmodifieddate": netsuite_time(company.starts_on),
        }


def invoice_document(invoice: Invoice) -> Document:
    """Return the invoice as Stripe's invoice was posted."""
    changed_on = invoice.voided_on or invoice.paid_on or invoice.issued_on
    return {
        "id": invoice_id(invoice),
        "type": "CustInvc",
        "tranid": invoice.number,
        "externalid": stripe_invoice_id(invoice),
        "entity": customer_id(invoice.customer),
        "trandate": invoice.issued_on.isoformat(),
        "duedate": (invoice.due_on or invoice.issued_on).isoformat(),
        "currency": invoice.customer.currency,
        "foreigntotal": major(invoice.total_minor, invoice.customer.currency),
        "status": STATUSES[invoice.status],
        "lastmodifieddate": netsuite_time(changed_on, 20),
    }


def payment_document(invoice: Invoice) -> Document:
    """Return the payment of a paid invoice."""
    paid_on = invoice.paid_on or invoice.issued_on
    return {
        "id": payment_id(invoice),
        "type": "CustPymt",
        "tranid": f"PAY-{invoice.number}",
        "externalid": payment_intent_id(invoice),
        "entity": customer_id(invoice.customer),
        "trandate": paid_on.isoformat(),
        "currency": invoice.customer.currency,
        "foreigntotal": major(invoice.total_minor, invoice.customer.currency),
        "lastmodifieddate": netsuite_time(paid_on, 20, 5),
    }


def application_document(invoice: Invoice) -> Document:
    """Return the link by which the payment settles the invoice."""
    return {
        "id": f"{invoice_id(invoice)}-{payment_id(invoice)}",
        "linktype": "Payment",
        "previousdoc": invoice_id(invoice),
        "nextdoc": payment_id(invoice),
        "foreignamount": major(invoice.total_minor, invoice.customer.currency),
    }

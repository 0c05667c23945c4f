"""NetSuite: customers, items, invoices and payments as the columns SuiteQL shows.

Ids are integers written as strings, booleans are T or F, money is a decimal in major
units of the transaction's currency.
"""

from collections.abc import Iterator

from sandbox.company.catalogue import PRODUCTS
from sandbox.company.company import Company
from sandbox.company.facts import Customer, Invoice
from sandbox.shapes import Document, major, netsuite_time
from sandbox.stripe.documents_ids import customer_id as stripe_customer_id
from sandbox.stripe.documents_ids import invoice_id as stripe_invoice_id
from sandbox.stripe.documents_ids import payment_intent_id

STATUSES = {"open": "Open", "paid": "Paid In Full", "void": "Voided"}
FIRST_ITEM, FIRST_CUSTOMER, FIRST_TRANSACTION = 301, 1_001, 20_001


def item_id(sku: str) -> str:
    """Return the internal id of the item for a product."""
    place = [product.sku for product in PRODUCTS].index(sku)
    return str(FIRST_ITEM + place)


def customer_id(customer: Customer) -> str:
    """Return the internal id of the customer."""
    return str(FIRST_CUSTOMER + customer.number)


def invoice_id(invoice: Invoice) -> str:
    """Return the internal id of the invoice; transactions share one sequence."""
    return str(FIRST_TRANSACTION + 2 * invoice.sequence)


def payment_id(invoice: Invoice) -> str:
    """Return the internal id of the payment that settled the invoice."""
    return str(FIRST_TRANSACTION + 2 * invoice.sequence + 1)


def netsuite_documents(company: Company) -> dict[str, list[Document]]:
    """Return all records by record type."""
    invoices = company.invoices
    paid = [invoice for invoice in invoices if invoice.paid_on is not None]
    return {
        "customer": [_customer(each) for each in company.customers],
        "item": list(_items(company)),
        "invoice": [invoice_document(each) for each in invoices],
        "payment": [payment_document(each) for each in paid],
        "payment_application": [application_document(each) for each in paid],
    }


def _customer(customer: Customer) -> Document:
    linked = "netsuite" not in customer.missing_links
    return {
        "id": customer_id(customer),
        "entityid": f"CUST{FIRST_CUSTOMER + customer.number}",
        "externalid": stripe_customer_id(customer) if linked else None,
        "companyname": customer.legal_name,
        "email": customer.billing_email,
        "vatregnumber": customer.tax_id,
        "currency": customer.currency,
        "country": customer.country,
        "isinactive": "F",
        "lastmodifieddate": netsuite_time(customer.created_on, 11),
    }


def _items(company: Company) -> Iterator[Document]:
    for product in PRODUCTS:
        yield {
            "id": item_id(product.sku),
            "itemid": product.sku,
            "displayname": product.name,
            "externalid": None,
            "isinactive": "F",
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

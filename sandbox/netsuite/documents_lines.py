"""NetSuite: the lines of invoices, one for the whole and one for each item sold."""

from collections.abc import Iterator

from sandbox.company.company import Company
from sandbox.company.facts import Invoice
from sandbox.netsuite.documents_extras import transaction_extras
from sandbox.netsuite.documents_ids import invoice_id, item_id
from sandbox.netsuite.documents_ledger import ACCOUNT_IDS, INCOME, RECEIVABLE
from sandbox.shapes import Document, major, netsuite_time


def invoice_lines(company: Company, invoice: Invoice) -> Iterator[Document]:
    """Yield the lines of an invoice, which sum to nothing; none without a ledger.

    The main line is what the customer owes; an item's line takes it from revenue, so
    that SuiteQL shows it with a minus.
    """
    if "ledger" not in company.features:
        return
    transaction, currency = invoice_id(invoice), invoice.customer.currency
    charges = {product.sku: product.charge for product in company.products}
    common = {
        **transaction_extras(company, invoice),
        "lastmodifieddate": netsuite_time(invoice.issued_on, 20),
    }
    total = major(invoice.total_minor, currency)
    yield {
        "id": f"{transaction}-0",
        "transaction": transaction,
        "linesequencenumber": 0,
        "mainline": "T",
        "account": RECEIVABLE,
        "foreignamount": total,
        "netamount": total,
        **common,
    }
    for number, line in enumerate(invoice.lines, 1):
        amount = major(line.discount_minor - line.amount_minor, currency)
        account = INCOME.get(charges[line.price.sku], "4000")
        yield {
            "id": f"{transaction}-{number}",
            "transaction": transaction,
            "linesequencenumber": number,
            "mainline": "F",
            "taxline": "F",
            "item": item_id(line.price.sku),
            "quantity": line.quantity,
            "rate": major(line.unit_minor, currency),
            "account": ACCOUNT_IDS[account],
            "foreignamount": amount,
            "netamount": amount,
            **common,
        }

"""NetSuite's internal ids of what the company has."""

from sandbox.company.catalogue import ALL_PRODUCTS
from sandbox.company.entities import GROUP
from sandbox.company.facts import Customer, Invoice

FIRST_ITEM, FIRST_CUSTOMER, FIRST_TRANSACTION = 301, 1_001, 20_001
# Transactions share one sequence; these stand behind any number of invoices that a
# sandbox can hold, so that none of them moves another's id.
FIRST_CREDIT, FIRST_REFUND, FIRST_DEPOSIT = 5 * 10**9, 6 * 10**9, 7 * 10**9
FIRST_ADDRESS = 500_001
ITEM_IDS = {
    product.sku: str(FIRST_ITEM + place) for place, product in enumerate(ALL_PRODUCTS)
}


def item_id(sku: str) -> str:
    """Return the internal id of the item for a product."""
    return ITEM_IDS[sku]


def customer_id(customer: Customer) -> str:
    """Return the internal id of the customer."""
    return str(FIRST_CUSTOMER + customer.number)


def invoice_id(invoice: Invoice) -> str:
    """Return the internal id of the invoice; transactions share one sequence."""
    return str(FIRST_TRANSACTION + 2 * invoice.sequence)


def payment_id(invoice: Invoice) -> str:
    """Return the internal id of the payment that settled the invoice."""
    return str(FIRST_TRANSACTION + 2 * invoice.sequence + 1)


def subsidiary_id(code: str) -> str:
    """Return the internal id of the group's legal entity."""
    return str(1 + [entity.code for entity in GROUP].index(code))


def address_id(customer: Customer) -> str:
    """Return the internal id of the customer's billing address."""
    return str(FIRST_ADDRESS + customer.number)


def credit_id(invoice: Invoice) -> str:
    """Return the internal id of the credit memo for the invoice."""
    return str(FIRST_CREDIT + invoice.sequence)


def refund_id(invoice: Invoice) -> str:
    """Return the internal id of the refund that paid the credit out."""
    return str(FIRST_REFUND + invoice.sequence)


def deposit_id(place: int) -> str:
    """Return the internal id of the deposit in a place of the payouts."""
    return str(FIRST_DEPOSIT + place)

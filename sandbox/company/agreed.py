"""Agreed: what a contract says besides products and prices (feature `terms`).

Nothing is drawn: it follows from who the customer is, and every system says the same.
"""

from sandbox.company.entities import BY_CODE
from sandbox.company.facts import Contract, Customer

NOTICE_DAYS = 60


def payment_terms(customer: Customer) -> str:
    """Return when the customer pays, in NetSuite's words."""
    return "Net 30" if customer.on_account else "Due on receipt"


def needs_purchase_order(customer: Customer) -> bool:
    """Return whether the customer pays no invoice without its own order number.

    Large customers on account do; only Stripe's invoices are made to show it.
    """
    is_large = customer.segment.startswith("Ent")
    return (
        is_large
        and customer.on_account
        and BY_CODE[customer.entity].billing == "stripe"
    )


def purchase_order(contract: Contract) -> str | None:
    """Return the customer's order number for a contract."""
    if not needs_purchase_order(contract.customer):
        return None
    return f"PO-{45_000 + contract.number}"

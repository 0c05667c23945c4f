"""Stripe's ids of what the company has, for whoever points at Stripe's records."""

from sandbox.company.facts import Contract, Customer, Invoice, InvoiceLine, Price
from sandbox.identifiers import stripe_id


def customer_id(customer: Customer) -> str:
    """Return the id of the customer."""
    return stripe_id("cus", customer.key)


def product_id(seed: int, sku: str) -> str:
    """Return the id of the product."""
    return stripe_id("prod", seed, sku)


def meter_id(seed: int, sku: str) -> str:
    """Return the id of the meter of a product charged by use."""
    return stripe_id("mtr", seed, sku)


def price_id(seed: int, price: Price) -> str:
    """Return the id of the price."""
    return stripe_id(
        "price", seed, price.sku, price.currency, price.interval, price.unit_minor
    )


def subscription_id(contract_key: str) -> str:
    """Return the id of the subscription that bills a contract."""
    return stripe_id("sub", contract_key)


def item_id(contract_key: str, seed: int, price: Price) -> str:
    """Return the id of the subscription's item for a price."""
    return stripe_id("si", contract_key, price_id(seed, price))


def discount_id(contract: Contract) -> str:
    """Return the id of the discount on the contract's subscription."""
    return stripe_id("di", contract.key)


def invoice_id(invoice: Invoice) -> str:
    """Return the id of the invoice."""
    return stripe_id("in", invoice.key)


def line_id(invoice: Invoice, line: InvoiceLine) -> str:
    """Return the id of a line of the invoice."""
    return stripe_id("il", invoice.key, line.key)


def invoice_item_id(line: InvoiceLine) -> str:
    """Return the id of the invoice item that became the line."""
    return stripe_id("ii", line.key)


def payment_intent_id(invoice: Invoice) -> str:
    """Return the id of the payment intent of the invoice."""
    return stripe_id("pi", invoice.key)


def charge_id(invoice: Invoice) -> str:
    """Return the id of the charge by which the invoice was, or wasn't, paid."""
    return stripe_id("ch", invoice.key)

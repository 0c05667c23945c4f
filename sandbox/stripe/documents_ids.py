"""Stripe's ids of what the company has, for whoever points at Stripe's records."""

from sandbox.company.facts import (
    Attempt,
    Contract,
    CreditNote,
    Customer,
    Dispute,
    Invoice,
    InvoiceLine,
    Payout,
    Price,
    Refund,
)
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
    if price.tiers:
        return stripe_id(
            "price", seed, price.sku, price.currency, price.interval, *price.tiers
        )
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


def attempt_id(invoice: Invoice, attempt: Attempt, *, is_last: bool) -> str:
    """Return the id of a try's charge; the last one is the invoice's."""
    return charge_id(invoice) if is_last else stripe_id("ch", attempt.key)


def refund_id(refund: Refund) -> str:
    """Return the id of the refund."""
    return stripe_id("re", refund.key)


def dispute_id(dispute: Dispute) -> str:
    """Return the id of the dispute."""
    return stripe_id("du", dispute.key)


def credit_note_id(note: CreditNote) -> str:
    """Return the id of the credit note."""
    return stripe_id("cn", note.key)


def payout_id(payout: Payout) -> str:
    """Return the id of the payout."""
    return stripe_id("po", payout.key)


def transaction_id(kind: str, key: str) -> str:
    """Return the id of the balance transaction of a movement."""
    return stripe_id("txn", kind, key)


def schedule_id(contract_key: str) -> str:
    """Return the id of the schedule by which a contract's subscription steps up."""
    return stripe_id("sub_sched", contract_key)

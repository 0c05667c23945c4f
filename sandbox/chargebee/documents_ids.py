"""Chargebee's ids of what the company has, for whoever points at its records."""

import hashlib
from functools import lru_cache

from sandbox.company.catalogue import ALL_BY_SKU, Charge, list_minor
from sandbox.company.facts import (
    Contract,
    ContractLine,
    Customer,
    Invoice,
    Price,
    Refund,
)
from sandbox.identifiers import BASE62

INTERVALS = {"month": "Monthly", "year": "Yearly", None: "Once"}
MONTHS = {"month": 1, "year": 12}


@lru_cache(maxsize=200_000)
def chargebee_id(prefix: str, *key: object) -> str:
    """Return an id of 16 letters and digits behind a prefix."""
    text = "\x1f".join(map(str, (prefix, *key))).encode()
    number = int.from_bytes(hashlib.blake2b(text, digest_size=12).digest(), "big")
    letters = []
    for _ in range(16):
        number, place = divmod(number, len(BASE62))
        letters.append(BASE62[place])
    return prefix + "".join(letters)


def customer_id(customer: Customer) -> str:
    """Return the id of the customer."""
    return chargebee_id("", "customer", customer.key)


def subscription_id(contract_key: str) -> str:
    """Return the id of the subscription that bills a contract."""
    return chargebee_id("", "subscription", contract_key)


def source_id(customer: Customer) -> str:
    """Return the id of the customer's card."""
    return chargebee_id("pm_", customer.key)


def price_of(contract: Contract, line: ContractLine) -> Price:
    """Return the price at which a line of a contract is billed."""
    metered = line.charge is Charge.USAGE
    yearly = contract.interval == "year" and not metered
    return Price(
        line.sku,
        contract.customer.currency,
        "month" if metered else contract.interval,
        line.unit_minor * (MONTHS["year"] if yearly else 1),
        line.tiers,
    )


def price_id(price: Price) -> str:
    """Return the id of the item price; a negotiated one has its amount in it."""
    words = [price.sku, price.currency, INTERVALS[price.interval]]
    if price.unit_minor != listed(price) and not price.tiers:
        words.append(str(price.unit_minor))
    return "-".join(words)


def listed(price: Price) -> int | None:
    """Return the list price for the interval; None where there is none."""
    product = ALL_BY_SKU[price.sku]
    if not product.list_cents:
        return None
    minor = list_minor(price.sku, price.currency)
    recurring = product.charge is Charge.RECURRING
    return minor * (MONTHS[price.interval] if recurring and price.interval else 1)


def invoice_id(invoice: Invoice) -> str:
    """Return the id of the invoice, which is its number."""
    return invoice.number


def payment_id(key: str) -> str:
    """Return the id of a try to collect, or of an invoice's only payment."""
    return chargebee_id("txn_", "payment", key)


def refund_id(refund: Refund) -> str:
    """Return the id of the refund's transaction."""
    return chargebee_id("txn_", "refund", refund.key)

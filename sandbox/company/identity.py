"""Identity: how each system writes a customer, as in life: never twice the same.

The truth stays in `Customer`; what is written follows from the customer's key and the
system's name alone. Without the feature `identity` every system writes the truth.
"""

import random
from dataclasses import dataclass, replace

from sandbox.company.facts import Address, Customer
from sandbox.company.identity_forms import (
    abbreviated,
    folded,
    misspelt,
    other_form,
    phone_written,
    shouted,
    tax_id_written,
    without_form,
)

# Mail providers that many small companies share: no evidence of who is who.
SHARED_DOMAINS = ("mailbox.example", "freemail.example", "postbox.example")


@dataclass(frozen=True, slots=True)
class WrittenIdentity:
    """A customer as one system has it."""

    name: str
    address: Address | None
    domain: str | None
    tax_id: str | None
    email: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Hand:
    """How a system's people write; in percent of the customers, one after another."""

    other_form: int  # the legal form in another spelling, or none at all
    trade_name: int
    abbreviates: int
    folds: int  # accents dropped
    typo: int
    shouts: int  # upper case
    old_address: int
    no_tax_id: int
    no_phone: int
    shared_domain: int


# Invented rates: the ERP is written by accountants with the papers before them, the
# CRM by sellers in a hurry, the support desk from what people's mail says.
HANDS = {
    "netsuite": Hand(12, 0, 4, 35, 1, 12, 6, 2, 40, 3),
    "business_central": Hand(10, 0, 4, 5, 1, 4, 6, 2, 30, 3),
    "stripe": Hand(35, 15, 6, 10, 3, 4, 10, 35, 60, 12),
    "chargebee": Hand(30, 15, 6, 8, 3, 3, 10, 30, 55, 10),
    "salesforce": Hand(40, 25, 10, 15, 4, 3, 14, 25, 10, 6),
    "hubspot": Hand(60, 35, 8, 15, 5, 4, 18, 100, 25, 10),
    "zendesk": Hand(70, 40, 6, 20, 4, 2, 0, 100, 45, 8),
    "vitally": Hand(65, 40, 6, 12, 3, 1, 0, 100, 100, 4),
}


def written(customer: Customer, system: str) -> WrittenIdentity:
    """Return the customer as the system has it. KeyError: no such system."""
    hand = HANDS[system]
    truth = WrittenIdentity(
        name=customer.legal_name,
        address=customer.address,
        domain=customer.domain,
        tax_id=customer.tax_id,
        email=customer.billing_email,
        phone=customer.phone,
    )
    if not customer.varies:
        return truth
    rng = random.Random(f"{customer.key}:identity:{system}")
    # All chances are drawn at once, so that one rate changes nothing but its own.
    chances = [rng.random() * 100 for _ in range(10)]
    fold, moved, no_tax, no_phone, shared = chances[5:]
    name = _name(customer, hand, chances, rng)
    address = customer.address
    if moved < hand.old_address and customer.former_address is not None:
        address = customer.former_address
    if address is not None and fold < hand.folds:
        address = replace(
            address, line1=folded(address.line1), city=folded(address.city)
        )
    email, domain = customer.billing_email, customer.domain
    at_provider = shared < hand.shared_domain and customer.parent_key is None
    if at_provider:
        domain = rng.choice(SHARED_DOMAINS)
        email = f"{customer.domain.partition('.')[0]}.billing@{domain}"
    return WrittenIdentity(
        name=name,
        address=address,
        domain=domain,
        tax_id=None
        if customer.tax_id is None or no_tax < hand.no_tax_id
        else tax_id_written(customer.tax_id, rng),
        email=email,
        phone=None
        if customer.phone is None or no_phone < hand.no_phone
        else phone_written(customer.phone, rng),
    )


def _name(
    customer: Customer, hand: Hand, chances: list[float], rng: random.Random
) -> str:
    form, trade, short, typo, shout, fold = chances[:6]
    name = customer.legal_name
    if customer.trade_name is not None and trade < hand.trade_name:
        name = customer.trade_name
    elif form < hand.other_form:
        every = form < hand.other_form / 3
        name = without_form(name) if every else other_form(name, rng)
    if short < hand.abbreviates:
        name = abbreviated(name)
    if fold < hand.folds:
        name = folded(name)
    if typo < hand.typo:
        name = misspelt(name, rng)
    return shouted(name) if shout < hand.shouts else name

"""Entities: the legal entities that sell, and which of them a customer buys from."""

from sandbox.company.facts import Entity
from sandbox.company.features import stream

US = Entity("US", "Concord Sandbox Inc.", "US", "USD", "netsuite", "stripe")
UK = Entity("UK", "Concord Sandbox Ltd", "GB", "GBP", "netsuite", "stripe")
# Bought two years ago: it kept its own ERP and billing.
DE = Entity("DE", "Concord Sandbox GmbH", "DE", "EUR", "business_central", "chargebee")
ONE = (US,)
GROUP = (US, UK, DE)
BY_CODE = {entity.code: entity for entity in GROUP}

# How many in a hundred customers of a currency buy from each entity.
SHARES = {
    "USD": (("US", 96), ("UK", 4)),
    "EUR": (("DE", 75), ("UK", 15), ("US", 10)),
    "GBP": (("UK", 90), ("US", 10)),
    "JPY": (("US", 100),),
}


def entity_of(seed: int, number: int, currency: str) -> str:
    """Return the code of the entity from which a customer buys."""
    place = stream(seed, "entities", number).randrange(100)
    for code, percent in SHARES[currency]:
        if place < percent:
            return code
        place -= percent
    return US.code

"""Stripe's small shapes: an address, a tier of a price."""

from sandbox.company.catalogue import Tier
from sandbox.company.facts import Address
from sandbox.shapes import Document


def address_document(country: str, address: Address | None) -> Document:
    """Return the address; without one all is empty but the country."""
    return {
        "city": None if address is None else address.city,
        "country": country,
        "line1": None if address is None else address.line1,
        "line2": None,
        "postal_code": None if address is None else address.postal_code,
        "state": None if address is None else address.region,
    }


def tier_document(tier: Tier) -> Document:
    """Return the price of the units up to a number; None: of all that follow."""
    return {
        "flat_amount": None,
        "flat_amount_decimal": None,
        "unit_amount": tier.unit_minor,
        "unit_amount_decimal": str(tier.unit_minor),
        "up_to": tier.up_to,
    }

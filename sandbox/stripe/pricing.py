"""Pricing: what a quantity costs, and what a part of a period costs; never a float."""

from decimal import Decimal
from typing import Any

from sandbox.store import Document
from sandbox.stripe.coupons import rounded
from sandbox.stripe.parameters import MAX_AMOUNT
from sandbox.stripe.shapes import invalid


def amount_of(price: Document, quantity: Decimal | int) -> int:
    """Return what so many units cost, rounded once, half away from zero."""
    units = Decimal(quantity)
    exact = _exact_amount(price, units)
    if abs(exact) > MAX_AMOUNT:
        sentence = f"Invalid quantity: the amount must be at most {MAX_AMOUNT}."
        raise invalid(sentence, "quantity", "amount_too_large")
    return rounded(exact)


def _exact_amount(price: Document, units: Decimal) -> Decimal:
    transform = price.get("transform_quantity")
    if transform:
        parts, rest = divmod(units, transform["divide_by"])
        units = parts + (1 if rest and transform["round"] == "up" else 0)
    if price.get("billing_scheme") == "tiered":
        return _tiered(price, units)
    return units * Decimal(unit_of(price))


def unit_of(price: Document) -> str:
    """Return the price of one unit in minor units, exactly."""
    exact = price.get("unit_amount_decimal")
    return str(exact if exact is not None else price.get("unit_amount") or 0)


def _tiered(price: Document, units: Decimal) -> Decimal:
    tiers = price.get("tiers") or []
    if price.get("tiers_mode") == "volume":
        tier = next(
            (each for each in tiers if each["up_to"] is None or units <= each["up_to"]),
            None,
        )
        return _in_tier(tier, units) if tier else Decimal(0)
    total, below = Decimal(0), Decimal(0)
    for tier in tiers:
        top = units if tier["up_to"] is None else min(units, Decimal(tier["up_to"]))
        # The first tier's flat amount is due even for no units at all.
        if top > below or (below == 0 and units == 0 and tier is tiers[0]):
            total += _in_tier(tier, max(top - below, Decimal(0)))
            below = max(top, below)
    return total


def _in_tier(tier: Document, units: Decimal) -> Decimal:
    return _exact(tier, "flat_amount") + units * _exact(tier, "unit_amount")


def _exact(tier: Document, name: str) -> Decimal:
    value: Any = tier.get(f"{name}_decimal")
    return Decimal(str(value if value is not None else tier.get(name) or 0))


def part(amount: int, start: int, end: int, at: int) -> int:
    """Return the share of an amount for the rest of a period, half away from zero.

    A second is the smallest part: at the start the whole is left, at the end nothing.
    """
    if end <= start:
        return 0
    left = min(max(end - at, 0), end - start)
    return rounded(Decimal(amount * left) / Decimal(end - start))

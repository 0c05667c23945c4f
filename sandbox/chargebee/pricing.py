"""Pricing: what a quantity costs, how long a term is, what a part of it is worth.

Everything is whole minor units and whole seconds; a half is rounded up.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sandbox.chargebee.forms import HIGHEST
from sandbox.journal import Document

MONTHS_A_YEAR = 12
# In which unit a period is counted: days, or months.
UNITS = {"day": (1, 0), "week": (7, 0), "month": (0, 1), "year": (0, MONTHS_A_YEAR)}
_DAYS_A_MONTH = Decimal("30.4375")  # 365.25 / 12


def half_up(amount: Decimal | int, divisor: Decimal | int = 1) -> int:
    """Return a quotient as the nearest whole number, a half upwards."""
    whole = (Decimal(amount) / Decimal(divisor)).quantize(Decimal(1), ROUND_HALF_UP)
    return int(whole)


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights: the parts are whole and sum to the total."""
    weight = sum(weights)
    if weight == 0:
        return [0] * len(weights)
    parts, given, seen = [], 0, 0
    for each in weights:
        seen += each
        part = total * seen // weight - given
        given += part
        parts.append(part)
    return parts


def cost(price: Document, quantity: int, unit_price: int | None = None) -> int:
    """Return what so many units cost in one period."""
    model = price["pricing_model"]
    unit = price.get("price", 0) if unit_price is None else unit_price
    if model == "flat_fee":
        return int(unit)
    units = max(0, quantity - price.get("free_quantity", 0))
    if model == "per_unit" or unit_price is not None:
        return int(unit * units)
    tiers = price["tiers"]
    if model == "tiered":
        return sum(
            max(
                0,
                min(units, tier.get("ending_unit", units)) - tier["starting_unit"] + 1,
            )
            * tier["price"]
            for tier in tiers
        )
    for tier in tiers:
        if units <= tier.get("ending_unit", units):
            break
    if units == 0:
        return 0
    return int(tier["price"] * (units if model == "volume" else 1))


def is_payable(amount: int) -> bool:
    """Say whether an amount fits into what the interface can tell exactly."""
    return -HIGHEST <= amount <= HIGHEST


def later(start: int, period: int, unit: str, anchor: int) -> int:
    """Return when a period that begins at an instant ends.

    Args:
        start: Unix seconds.
        period: how many units.
        unit: day, week, month or year.
        anchor: the day of the month to keep; a month that lacks it ends on its last.
    """
    days, months = UNITS[unit]
    at = datetime.fromtimestamp(start, UTC)
    if days:
        return int((at + timedelta(days=days * period)).timestamp())
    count = at.year * MONTHS_A_YEAR + at.month - 1 + months * period
    year, month = divmod(count, MONTHS_A_YEAR)
    first = at.replace(year=year, month=month + 1, day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    last = (following - timedelta(days=1)).day
    return int(first.replace(day=min(anchor, last)).timestamp())


def anchor_of(instant: int) -> int:
    """Return the day of the month of an instant."""
    return datetime.fromtimestamp(instant, UTC).day


def part(amount: int, start: int, end: int, at: int) -> int:
    """Return what of a term's amount falls behind an instant within it."""
    if end <= start:
        return 0
    left = max(0, min(end - at, end - start))
    return half_up(amount * left, end - start)


def monthly(amount: int, period: int, unit: str) -> int:
    """Return a recurring amount per month."""
    days, months = UNITS[unit]
    if months:
        return half_up(amount, months * period)
    return half_up(amount * _DAYS_A_MONTH, days * period)

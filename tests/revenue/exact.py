"""Exact arithmetic of the reference: fractions first, whole minor units last."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


def half_up(number: Fraction | int) -> int:
    """Return the nearest whole number, ties away from zero."""
    size = (2 * abs(Fraction(number)) + 1) // 2
    return int(size if number >= 0 else -size)


def largest_remainder(total: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Share a whole number so that the parts add up to it.

    Each part is its exact share rounded towards zero; what is missing goes, a unit
    each, to the parts that lost most, of equals to the first.
    """
    whole = sum(Fraction(weight) for weight in weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError(f"cannot share {total} by the weights {list(weights)}")
    sign = 1 if total >= 0 else -1
    exact = [abs(total) * Fraction(weight) / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_loss = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_loss[: abs(total) - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def shared(money: int, lines: Mapping[str, int]) -> dict[str, int]:
    """Share an amount over an invoice's lines by what they bill."""
    names = sorted(lines)
    parts = largest_remainder(money, [lines[name] for name in names])
    return dict(zip(names, parts, strict=True))


def month_of(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def after_months(day: date, months: int) -> date:
    """Return the same day so many months later, at most the month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def months(first: date, last: date) -> Iterator[date]:
    """Return the first days of all months from one day's to another's."""
    month = month_of(first)
    while month <= last:
        yield month
        month = after_months(month, 1)


def last_day(month: date) -> date:
    """Return the last day of the month."""
    return after_months(month_of(month), 1) - DAY

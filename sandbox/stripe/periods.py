"""Periods: when a subscription's next one begins, to the second.

A month after the 31st of January is its last day in February, and the 31st again in
March: periods are counted from the anchor, not from each other.
"""

import calendar
from datetime import UTC, datetime, timedelta

from sandbox.store import Document

_SECONDS = {"day": 86_400, "week": 7 * 86_400}
_MONTHS = {"month": 1, "year": 12}
LAST_YEAR = 9990


def later(start: int, interval: str, count: int) -> int:
    """Return the instant so many intervals after (or before) a start."""
    if interval in _SECONDS:
        return start + _SECONDS[interval] * count
    at = datetime.fromtimestamp(start, UTC)
    months = at.year * 12 + at.month - 1 + _MONTHS[interval] * count
    year, month = divmod(months, 12)
    if not 1 <= year <= LAST_YEAR:
        return start + timedelta(days=30 * _MONTHS[interval] * count) // timedelta(
            seconds=1
        )
    last = calendar.monthrange(year, month + 1)[1]
    moved = at.replace(year=year, month=month + 1, day=min(at.day, last))
    return int(moved.timestamp())


def period_at(anchor: int, price: Document, at: int) -> tuple[int, int]:
    """Return the period of a price in which an instant lies: start and end."""
    recurring = price["recurring"]
    interval, count = recurring["interval"], recurring.get("interval_count", 1)
    step = later(anchor, interval, count) - anchor
    number = (at - anchor) // max(step, 1)
    while later(anchor, interval, count * number) > at:
        number -= 1
    while later(anchor, interval, count * (number + 1)) <= at:
        number += 1
    return (
        later(anchor, interval, count * number),
        later(anchor, interval, count * (number + 1)),
    )


def same_interval(one: Document, other: Document) -> bool:
    """Say whether two prices are billed in the same rhythm."""
    left, right = one["recurring"], other["recurring"]
    return (left["interval"], left.get("interval_count", 1)) == (
        right["interval"],
        right.get("interval_count", 1),
    )

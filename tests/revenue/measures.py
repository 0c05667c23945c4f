"""How much of an obligation is done at the end of a day, as an exact fraction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.revenue.exact import DAY, after_months, last_day, month_of

OVER_TIME = ("daily", "month_even", "month_prorated")
METHODS = (
    *OVER_TIME,
    *("point_in_time", "milestone", "progress", "drawdown", "usage"),
)


@dataclass(frozen=True)
class Terms:
    """What was promised of one obligation."""

    method: str
    start: date | None = None
    end: date | None = None
    quantity: Fraction = Fraction(1)
    breakage: Fraction = Fraction(0)
    milestones: Mapping[str, int] = field(default_factory=dict)
    resumes: date = date.min  # first day of service after the last pause

    @property
    def units(self) -> Fraction:
        """Return how many units make the whole, in the unit of the method."""
        if self.method == "milestone":
            return Fraction(sum(self.milestones.values()))
        if self.method == "progress":
            return Fraction(100)
        return self.quantity * (1 - self.breakage)


@dataclass(frozen=True)
class Step:
    """Units that were done on a day; the units of milestones are their weights."""

    on: date
    units: Fraction


def units_done(steps: Sequence[Step], day: date) -> Fraction:
    """Return the units done at the end of a day."""
    return sum((step.units for step in steps if step.on <= day), Fraction(0))


def whole_months(start: date, end: date) -> int:
    """Return the least number of months after which the term is over."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if after_months(start, months) > end else months + 1


def months_between(first: date, second: date) -> int:
    """Return how many calendar months lie before that of the second day."""
    return (second.year - first.year) * 12 + second.month - first.month


def done(
    terms: Terms, steps: Sequence[Step], day: date, since: date = date.min
) -> Fraction:
    """Return which part of all that was to do from a day on is done at another's end.

    Args:
        terms: what was promised.
        steps: the units done, for methods that count some.
        day: the day at whose end we look.
        since: the first day of what is measured; the whole life without it.
    """
    if terms.method not in OVER_TIME:
        before = Fraction(0) if since == date.min else units_done(steps, since - DAY)
        return _share(units_done(steps, day) - before, terms.units - before)
    assert terms.start
    assert terms.end
    first = terms.start if since == date.min else max(terms.start, since, terms.resumes)
    # In a pause nothing is done: what was done before it is all.
    day = max(day, terms.resumes - DAY) if terms.resumes > date.min else day
    if terms.method == "month_even":
        all_months = whole_months(terms.start, terms.end)
        left = max(1, all_months - months_between(terms.start, first))
        return _share(Fraction(months_between(first, day + DAY)), Fraction(left))
    if terms.method == "daily":
        return _share(_days(first, day), _days(first, terms.end))
    return _prorated(first, terms.end, day)


def _share(part: Fraction, whole: Fraction) -> Fraction:
    """Return a part of a whole, all of it where nothing is left to do."""
    return (
        min(Fraction(1), max(Fraction(0), part / whole)) if whole > 0 else Fraction(1)
    )


def _days(first: date, last: date) -> Fraction:
    """Return the days from one to another, both of them counted."""
    return Fraction(max(0, (last - first).days + 1))


def _prorated(first: date, last: date, day: date) -> Fraction:
    """Return the part done where whole months are equal and broken ones go by day."""
    total = _days(first, last)
    if day < first:
        return Fraction(0)
    if day >= last or not total:
        return Fraction(1)
    head_end = first - DAY if first.day == 1 else min(last, last_day(first))
    tail_start = last + DAY if last == last_day(last) else max(month_of(last), first)
    done_days = _days(first, min(day, head_end))
    if head_end >= tail_start:  # one broken month
        return _days(first, day) / total
    middle = months_between(head_end + DAY, tail_start)
    if middle:
        past = min(middle, max(0, months_between(head_end + DAY, day + DAY)))
        done_days += _days(head_end + DAY, tail_start - DAY) * Fraction(past, middle)
    if day >= tail_start:
        done_days += _days(tail_start, day)
    return done_days / total

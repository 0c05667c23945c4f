"""Days: the calendar arithmetic of contracts, which start on the 1st to the 28th."""

from datetime import date, timedelta

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SECONDS_PER_DAY = 86_400


def add_months(day: date, months: int) -> date:
    """Return the same day of a later (or earlier) month.

    ValueError for the 29th to 31st, which not every month has: no contract starts
    there.
    """
    if day.day > 28:
        raise ValueError(f"{day} is no anchor: contracts start on the 1st to the 28th")
    months += day.year * 12 + day.month - 1
    return day.replace(year=months // 12, month=months % 12 + 1)


def months_between(earlier: date, later: date) -> int:
    """Return how many whole months lie between two days."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - (1 if later.day < earlier.day else 0)


def plus(day: date, days: int) -> date:
    """Return the day that many days later."""
    return day + timedelta(days=days)


def epoch(day: date, seconds: int = 0) -> int:
    """Return the Unix time of the day's midnight in UTC, plus seconds."""
    return (day.toordinal() - EPOCH_ORDINAL) * SECONDS_PER_DAY + seconds

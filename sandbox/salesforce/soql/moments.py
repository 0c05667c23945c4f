"""Moments: SOQL's date literals, such as LAST_N_DAYS:30, as days on the calendar.

The organisation's time zone is UTC and its fiscal year is the calendar's; weeks begin
on Sunday, as they do in the United States.
"""

from datetime import date, timedelta

_UNITS = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
# Further than this from today, the calendar ends.
_MAX_UNITS = 2_000


def days(word: str, number: int | None, today: date) -> tuple[date, date] | None:
    """Return the first day of a date literal and the first after it.

    None if there is no such literal; OverflowError if it leaves the calendar.
    """
    if number is not None and number > _MAX_UNITS * 100:
        raise OverflowError(number)
    if number is None:
        return _plain(word, today)
    return _counted(word, number, today)


def _plain(word: str, today: date) -> tuple[date, date] | None:
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if word in near:
        first = today + timedelta(days=near[word])
        return first, first + timedelta(days=1)
    if word == "last_90_days":
        return today - timedelta(days=90), today + timedelta(days=1)
    if word == "next_90_days":
        return today + timedelta(days=1), today + timedelta(days=91)
    which, _, unit = word.partition("_")
    offset = {"last": -1, "this": 0, "next": 1}.get(which)
    if offset is None or unit not in _UNITS[1:]:
        return None
    return _period(unit, today, offset), _period(unit, today, offset + 1)


def _counted(word: str, number: int, today: date) -> tuple[date, date] | None:
    if word.startswith("n_") and word.endswith("s_ago"):
        unit, which = word[2:-5], "ago"
    else:
        which, _, rest = word.partition("_n_")
        unit = rest.removesuffix("s") if rest.endswith("s") else ""
    spans = {
        "ago": (-number, 1 - number),
        # The last n days include today; of longer units only whole ones count.
        "last": (-number, 1 if unit == "day" else 0),
        "next": (1, number + 1),
    }
    if which not in spans or unit not in _UNITS:
        return None
    first, after = spans[which]
    return _period(unit, today, first), _period(unit, today, after)


def _period(unit: str, today: date, offset: int) -> date:
    """Return the first day of the period that lies `offset` after today's."""
    unit = unit.removeprefix("fiscal_")
    if unit == "day":
        return today + timedelta(days=offset)
    if unit == "week":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=offset)
    if unit == "year":
        return _month(today.year, 1, 12 * offset)
    if unit == "quarter":
        return _month(today.year, (today.month - 1) // 3 * 3 + 1, 3 * offset)
    return _month(today.year, today.month, offset)


def _month(year: int, month: int, offset: int) -> date:
    months = year * 12 + month - 1 + offset
    try:
        return date(months // 12, months % 12 + 1, 1)
    except ValueError as error:
        raise OverflowError(months) from error

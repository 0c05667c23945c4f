"""Functions: what SuiteQL needs of SQLite that SQLite does not have."""

import calendar
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.netsuite import masks

DOUBLE_DIGITS = 15
# Oracle's own words; that NetSuite passes them on is believed, not seen.
NO_DIVISOR = "ORA-01476: divisor is equal to zero"

_Result = str | int | float | None


def add_to(
    connection: sqlite3.Connection, failed: Callable[[str], None] = lambda _: None
) -> None:
    """Add the functions to a connection; their names begin with `ns_`.

    Args:
        connection: to SQLite, which says of a failed function only that it failed.
        failed: is told in Oracle's words why a row cannot be calculated.
    """
    for name, arguments, call in _FUNCTIONS:
        connection.create_function(name, arguments, call, deterministic=True)

    def divided(left: object, right: object) -> float | None:
        # A sum of more digits than a double has comes as text.
        dividend, divisor = _number(left), _number(right)
        if dividend is None or divisor is None:
            return None
        if divisor == 0:
            failed(NO_DIVISOR)
        return dividend / divisor

    # Not deterministic: SQLite would calculate 1/0 ahead of the CASE that spares it.
    connection.create_function("ns_divided", 2, divided)
    connection.create_aggregate("ns_sum", 1, _Sum)  # type: ignore[arg-type]
    connection.create_aggregate("ns_avg", 1, _Average)  # type: ignore[arg-type]


class _Sum:
    """Adds decimals exactly; a sum of doubles would drift after some thousand rows."""

    def __init__(self) -> None:
        self.total = Decimal(0)
        self.count = 0

    def step(self, value: float | None) -> None:
        """Add one value; nulls don't count."""
        if value is not None:
            # The shortest text of a double is the decimal that it was made from.
            self.total += value if isinstance(value, int) else Decimal(repr(value))
            self.count += 1

    def finalize(self) -> str | float | int | None:
        """Return the sum, null without values; as text if a double would cut it."""
        if not self.count:
            return None
        if len(self.total.normalize().as_tuple().digits) > DOUBLE_DIGITS:
            return format(self.total, "f")
        return _carried(self.total)


class _Average(_Sum):
    """The mean of decimals."""

    def finalize(self) -> str | float | int | None:
        """Return the mean, null without values."""
        return float(self.total / self.count) if self.count else None


def _carried(number: Decimal) -> float | int:
    return int(number) if number == number.to_integral_value() else float(number)


def _number(text: object) -> float | int | None:
    if text is None or isinstance(text, int | float):
        return text
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation as error:
        raise ValueError("invalid number") from error
    if not number.is_finite() or abs(number.adjusted()) > 125:
        raise ValueError("invalid number")  # Oracle's numbers end at 10^126
    return _carried(number)


def _text(value: object) -> str | None:
    return None if value is None else masks.plain(value)


def _written_number(value: float | None, mask: str) -> str | None:
    return masks.number_as(value, mask)


def _read(text: str | None, pattern: str) -> str | None:
    return None if text is None else masks.read(str(text), pattern)


@lru_cache(maxsize=4096)
def local(text: str | None, zone: str) -> str | None:
    """Return the account's wall time at an instant that is kept in UTC."""
    if text is None:
        return None
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def universal(text: str, zone: str) -> str:
    """Return the instant in UTC that the account's wall time means."""
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=256)
def _like_pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    parts, letters = [], iter(pattern)
    for letter in letters:
        if escape and letter == escape:
            parts.append(re.escape(next(letters, "")))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter, re.escape(letter)))
    return re.compile("".join(parts), re.DOTALL)


def _like(text: object, pattern: str | None, escape: str | None) -> int | None:
    if text is None or pattern is None:
        return None
    return int(bool(_like_pattern(pattern, escape).fullmatch(masks.plain(text))))


def _add_months(text: str | None, months: float | None) -> str | None:
    if text is None or months is None:
        return None
    at = datetime.fromisoformat(text)
    year, month = divmod(at.year * 12 + at.month - 1 + int(months), 12)
    last = calendar.monthrange(year, month + 1)[1]
    at_end = at.day == calendar.monthrange(at.year, at.month)[1]
    day = last if at_end else min(at.day, last)
    return str(date(year, month + 1, day)) + text[10:]


def _last_day(text: str | None) -> str | None:
    if text is None:
        return None
    year, month = int(text[:4]), int(text[5:7])
    return f"{text[:8]}{calendar.monthrange(year, month)[1]:02}{text[10:]}"


def _add_days(text: str | None, days: float | None) -> str | None:
    if text is None or days is None:
        return None
    at = datetime.fromisoformat(text) + timedelta(days=days)
    return at.isoformat(" ", "seconds")


def _days_between(later: str | None, earlier: str | None) -> float | int | None:
    if later is None or earlier is None:
        return None
    passed = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    days = Decimal(passed.days) + Decimal(passed.seconds) / 86_400
    return _carried(days)


def _months_between(later: str | None, earlier: str | None) -> float | int | None:
    if later is None or earlier is None:
        return None
    one, two = datetime.fromisoformat(later), datetime.fromisoformat(earlier)
    months = (one.year - two.year) * 12 + one.month - two.month
    days = Decimal(0) if one.day == two.day else Decimal(one.day - two.day) / 31
    return _carried(months + days)


_FUNCTIONS: tuple[tuple[str, int, Callable[..., _Result]], ...] = (
    ("ns_number", 1, _number),
    ("ns_text", 1, _text),
    ("ns_char", 2, masks.written),
    ("ns_number_char", 2, _written_number),
    ("ns_read", 2, _read),
    ("ns_local", 2, local),
    ("ns_like", 3, _like),
    ("ns_add_months", 2, _add_months),
    ("ns_last_day", 1, _last_day),
    ("ns_add_days", 2, _add_days),
    ("ns_days_between", 2, _days_between),
    ("ns_months_between", 2, _months_between),
)

"""Paging: where a page ended: as an opaque text for the caller, and in SQL."""

import base64
import binascii

from sandbox.collection import Value
from sandbox.wire import whole

_MOST_DIGITS = 18  # of what fits SQLite's integers


def cursor_at(value: object, number: int) -> str:
    """Return a cursor that stands behind a value and, among equal ones, a number."""
    text = f"{value}|{number}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[str, int]:
    """Return the value, as text, and the number that a cursor stands behind.

    Raises:
        ValueError: nobody was given such a cursor.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        text = base64.urlsafe_b64decode(padded).decode()
    except binascii.Error as error:
        raise ValueError(cursor) from error
    value, mark, digits = text.rpartition("|")
    number = whole(digits, _MOST_DIGITS)
    if not mark or number is None:
        raise ValueError(cursor)
    return value, number


def behind(
    field: str, value: Value, place: int, *, descending: bool
) -> tuple[str, list[Value]]:
    """Return the SQL, and its values, for what comes behind a value and a place.

    The order is that of `field`, an expression, and then of the place. The first
    comparison is what an index can be entered by: SQLite does not enter one by a pair
    of which one member is an expression.
    """
    sign = "<" if descending else ">"
    text = f"{field} {sign}= ? and ({field}, place) {sign} (?, ?)"
    return text, [value, value, place]

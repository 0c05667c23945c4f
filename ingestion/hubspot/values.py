"""Values: HubSpot's properties, all of them text on the wire, as typed columns.

An empty text is no value. Numbers keep every digit. Instants come in ISO 8601 or as
milliseconds since 1970, booleans as `true` and `false`.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.streams import Column, Kind, exact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MILLISECONDS = re.compile(r"-?\d{1,15}", re.ASCII)
_FLAGS = {"true": True, "false": False}


def text(name: str) -> Column:
    """A text property; a name ending in `?` is one that not every account has."""
    return _column(name, "text", str)


def key(name: str) -> Column:
    """A property that holds another record's id."""
    return _column(name, "text", str)


def number(name: str) -> Column:
    """An exact number with at most nine decimals."""
    return _column(name, "number", _number)


def flag(name: str) -> Column:
    """A yes or no."""
    return _column(name, "flag", lambda value: _FLAGS[value])


def instant(name: str) -> Column:
    """A moment, to the millisecond."""
    return _column(name, "instant", _instant)


def day(name: str) -> Column:
    """A calendar day: written as one, or as the milliseconds of its midnight in UTC."""
    return _column(name, "day", _day)


def milliseconds(moment: datetime) -> int:
    """Return the whole milliseconds since 1970, as a filter takes them."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _column(name: str, kind: Kind, read: Callable[[str], Any]) -> Column:
    def value(given: Any) -> Any:
        if not isinstance(given, str):
            raise TypeError
        return read(given) if given else None

    return Column(name.rstrip("?"), kind, f"properties.{name}", value)


def _number(value: str) -> Decimal:
    if not _NUMBER.fullmatch(value):
        raise ValueError
    return exact(Decimal(value))


def _instant(value: str) -> datetime:
    if _MILLISECONDS.fullmatch(value):
        return EPOCH + timedelta(milliseconds=int(value))
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: str) -> date:
    if not _MILLISECONDS.fullmatch(value):
        return date.fromisoformat(value)
    moment = _instant(value)
    if moment.timetz() != EPOCH.timetz():
        raise ValueError
    return moment.date()

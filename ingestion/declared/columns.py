"""Columns: the typed columns of a declared resource, in their short form.

`health_score: number?` is a column, its kind, and that its field may be absent. The
field has the column's name, or the same in camel case where the vendor writes so; any
other field follows the kind: `risk: text traits.risk?`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ingestion.declared.said import Said
from ingestion.raw.typed import as_text
from ingestion.streams import (
    SCALE,
    Column,
    day,
    epoch,
    exact,
    flag,
    instant,
    integer,
    key,
    number,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Names that every raw table has already.
_OURS = ("id", "record", "is_deleted")


def rounded(name: str, path: str) -> Column:
    """Return a computed number, such as a score, rounded to nine decimals.

    Vendors compute with floats, whose digits go on; what is billed or booked is a
    `number`, which is exact or refused.
    """
    return Column(name, "number", path, _rounded)


def milliseconds(name: str, path: str) -> Column:
    """Return a moment, written as milliseconds since 1970 in UTC."""
    return Column(name, "instant", path, _milliseconds)


def json(name: str, path: str) -> Column:
    """Return a list or an object, as the text of its JSON."""
    return Column(name, "text", path, as_text)


KINDS: Mapping[str, Callable[[str, str], Column]] = {
    "text": text,
    "key": key,
    "integer": integer,
    "number": number,
    "rounded": rounded,
    "instant": instant,
    "epoch": epoch,
    "milliseconds": milliseconds,
    "day": day,
    "flag": flag,
    "json": json,
}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


# How a vendor writes the name of a field that we call health_score.
NAMES: Mapping[str, Callable[[str], str]] = {"snake": str, "camel": _camel}


def columns(declared: Said, names: str) -> tuple[Column, ...]:
    """Return the columns of a resource, in the order in which they stand."""
    return tuple(
        _column(name, each, NAMES[names]) for name, each in declared.pairs().items()
    )


def _column(name: str, declared: Said, usual: Callable[[str], str]) -> Column:
    Said(declared.file, declared.line, declared.where, name).name()
    if name in _OURS:
        raise declared.wrong(
            f"every table has a column {name!r} already", "name it otherwise"
        )
    kind, _, path = declared.text().partition(" ")
    is_optional = kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind not in KINDS:
        raise declared.wrong(
            f"{kind!r} is no kind of column", f"use one of {', '.join(KINDS)}"
        )
    if path and is_optional:
        raise declared.wrong(
            "the ? stands at the kind and a path follows",
            f"put it after each key that may be absent: {kind} {path}?",
        )
    return KINDS[kind](name, path.strip() or usual(name) + "?" * is_optional)


def _rounded(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError
    return exact(round(Decimal(value), SCALE))


def _milliseconds(value: Any) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return _EPOCH + timedelta(milliseconds=value)

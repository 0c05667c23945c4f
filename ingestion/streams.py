"""Streams: which records a system holds, and how one becomes a typed raw row.

A document is one record as the vendor's JSON says it, with exact decimals. A column
says where in the document its value stands and of which kind it must be: a value of
another kind is an error that names the record, never an empty cell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from ingestion.readings import Document

Kind: TypeAlias = Literal["text", "integer", "number", "instant", "day", "flag"]

ARROW_TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.decimal128(38, 9),
    "instant": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "flag": pa.bool_(),
}
SQL_TYPES: Mapping[Kind, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(38,9)",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "day": "DATE",
    "flag": "BOOLEAN",
}
SCALE = 9


@dataclass(frozen=True, slots=True)
class Column:
    """One typed column of a raw table.

    `path` leads to the value, with dots between keys. A key ending in `?` may be
    absent; any other absent key is an error, since a vendor that stops sending a field
    would otherwise empty it everywhere. A null ends the walk and is a null. A path may
    also be a function of the document.
    """

    name: str
    kind: Kind
    path: str | Callable[[Document], Any]
    read: Callable[[Any], Any]


def text(name: str, path: str | Callable[[Document], Any]) -> Column:
    """Text as the vendor sent it."""
    return Column(name, "text", path, read_text)


def key(name: str, path: str | Callable[[Document], Any]) -> Column:
    """Another record's identifier: text, or a whole number that becomes text."""
    return Column(name, "text", path, read_key)


def integer(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A whole number, such as an amount in minor units."""
    return Column(name, "integer", path, read_integer)


def number(name: str, path: str | Callable[[Document], Any]) -> Column:
    """An exact decimal number with at most nine decimals."""
    return Column(name, "number", path, read_number)


def instant(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A moment, written in ISO 8601; in UTC where no offset is written."""
    return Column(name, "instant", path, read_instant)


def epoch(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A moment, written as seconds since 1970 in UTC."""
    return Column(name, "instant", path, read_epoch)


def day(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A calendar day, written in ISO 8601."""
    return Column(name, "day", path, read_day)


def flag(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A yes or no."""
    return Column(name, "flag", path, read_flag)


def told_nothing(document: Document) -> bool:
    """Say of no record that it is deleted: the system does not mark them."""
    del document
    return False


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw table and the vendor's object that fills it.

    `cursor` names the column that moves forward with every change, where the system
    has one. `is_deleted` tells a record that the system itself marks as deleted; how
    other deletions become known is the reading's affair.
    """

    name: str
    object: str
    columns: tuple[Column, ...]
    cursor: str | None = None
    identity: tuple[str, ...] = ("id",)
    is_deleted: Callable[[Document], bool] = told_nothing

    @property
    def kinds(self) -> dict[str, Kind]:
        """Return the raw table's columns, before dlt adds its own."""
        declared = {column.name: column.kind for column in self.columns}
        return {"id": "text", **declared, "record": "text", "is_deleted": "flag"}

    @property
    def schema(self) -> pa.Schema:
        """Return the raw table's Arrow schema, before dlt adds its own columns."""
        return pa.schema(
            [
                pa.field(name, ARROW_TYPES[kind], nullable=name != "id")
                for name, kind in self.kinds.items()
            ]
        )


def read_text(value: Any) -> str:
    """Return the text; TypeError if it is none."""
    if isinstance(value, str):
        return value
    raise TypeError


def read_key(value: Any) -> str:
    """Return an identifier as text; TypeError if it is none."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError


def read_integer(value: Any) -> int:
    """Return the whole number; TypeError if it is none of 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool) and _fits(value):
        return value
    raise TypeError


def _fits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def read_number(value: Any) -> Decimal:
    """Return the exact number; TypeError, or ValueError where it needs rounding."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError
    return exact(Decimal(value))


def exact(value: Decimal) -> Decimal:
    """Return the value, unless a raw column would have to round it.

    Raises:
        ValueError: it has more than nine decimals or 29 digits before the point.
    """
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite number")  # noqa: TRY004 -- NaN is a Decimal
    if exponent < -SCALE:
        value = value.normalize() if value else Decimal(0)
        _, digits, exponent = value.as_tuple()
    if int(exponent) < -SCALE or len(digits) + int(exponent) > 38 - SCALE:
        raise ValueError("needs rounding")
    return value


def read_instant(value: Any) -> datetime:
    """Return the moment of an ISO 8601 text, in UTC where it names no offset."""
    if not isinstance(value, str):
        raise TypeError
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_epoch(value: Any) -> datetime:
    """Return the moment so many seconds after 1970."""
    try:
        return datetime.fromtimestamp(read_integer(value), UTC)
    except OSError as error:  # so many seconds that the machine has no date for them
        raise OverflowError(value) from error


def read_day(value: Any) -> date:
    """Return the day of an ISO 8601 text."""
    return date.fromisoformat(read_text(value))


def read_flag(value: Any) -> bool:
    """Return the yes or no; TypeError if it is none."""
    if isinstance(value, bool):
        return value
    raise TypeError


# In which type the values of a reader come from JSON, before they are looked at.
RAW_TYPES: Mapping[Callable[[Any], Any], pa.DataType] = {
    read_text: pa.string(),
    read_key: pa.string(),
    read_integer: pa.int64(),
    read_number: ARROW_TYPES["number"],
    read_instant: pa.string(),
    read_epoch: pa.int64(),
    read_day: pa.string(),
    read_flag: pa.bool_(),
}

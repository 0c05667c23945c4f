"""Streams: which records a system holds, and how one becomes a typed raw row.

A document is one record as the vendor's JSON says it, with exact decimals. A column
says where in the document its value stands and of which kind it must be: a value of
another kind is an error that names the record, never an empty cell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import orjson
import pyarrow as pa

from ingestion.errors import Refused, Rejected, SystemFault

Document: TypeAlias = Mapping[str, Any]
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
_SCALE = 9


class _Absent(Exception):  # noqa: N818 -- a sign between two functions of this file
    """The document lacks a key that the vendor always sends."""


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
    return Column(name, "text", path, _text)


def key(name: str, path: str | Callable[[Document], Any]) -> Column:
    """Another record's identifier: text, or a whole number that becomes text."""
    return Column(name, "text", path, _key)


def integer(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A whole number, such as an amount in minor units."""
    return Column(name, "integer", path, _integer)


def number(name: str, path: str | Callable[[Document], Any]) -> Column:
    """An exact decimal number with at most nine decimals."""
    return Column(name, "number", path, _number)


def instant(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A moment, written in ISO 8601; in UTC where no offset is written."""
    return Column(name, "instant", path, _instant)


def epoch(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A moment, written as seconds since 1970 in UTC."""
    return Column(name, "instant", path, _epoch)


def day(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A calendar day, written in ISO 8601."""
    return Column(name, "day", path, _day)


def flag(name: str, path: str | Callable[[Document], Any]) -> Column:
    """A yes or no."""
    return Column(name, "flag", path, _flag)


def _told_nothing(document: Document) -> bool:
    del document
    return False


@dataclass(frozen=True, slots=True)
class Stream:
    """One raw table and the vendor's object that fills it.

    `deletes` says how a deletion becomes known: the system tells it in the record
    (`told`, see `is_deleted`), every load lists all records (`listed`) or all keys
    (`keys`), so that what is missing is gone. `cursor` names the column that moves
    forward with every change, where the system has one.
    """

    name: str
    object: str
    columns: tuple[Column, ...]
    deletes: Literal["told", "listed", "keys"]
    cursor: str | None = None
    identity: tuple[str, ...] = ("id",)
    is_deleted: Callable[[Document], bool] = _told_nothing

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


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of one stream; `given` are values the records themselves lack.

    A column reaches a given value by the path `@name`.
    """

    stream: str
    documents: Sequence[Document]
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keys:
    """Identifiers of records that exist, of a stream whose deletes are `keys`."""

    stream: str
    ids: Sequence[str]


Arrival: TypeAlias = Batch | Keys


def rows(system: str, stream: Stream, batches: Iterable[Batch]) -> pa.Table:
    """Return the documents as typed rows, one per identifier: the last one seen.

    Raises:
        Rejected: a value is not of the column's kind.
        Refused: a document lacks a field.
    """
    seen: dict[str, tuple[Document, Mapping[str, Any]]] = {}
    for batch in batches:
        for document in batch.documents:
            identifier = _identifier(system, stream, document)
            # A record that moved while pages were read arrives twice: newest last.
            seen.pop(identifier, None)
            seen[identifier] = (document, batch.given)
    documents = [document for document, _ in seen.values()]
    arrays = [pa.array(seen, pa.string())]
    for column in stream.columns:
        values = _values(system, stream, column, seen)
        arrays.append(pa.array(values, ARROW_TYPES[column.kind]))
    arrays.append(pa.array(map(as_text, documents), pa.string()))
    arrays.append(pa.array(map(stream.is_deleted, documents), pa.bool_()))
    return pa.Table.from_arrays(arrays, schema=stream.schema)


def as_text(document: Document) -> str:
    """Return the JSON of a document, its decimals digit by digit."""
    return str(orjson.dumps(document, default=_exact), "utf-8")


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _identifier(system: str, stream: Stream, document: Document) -> str:
    try:
        parts = [_key(document[name]) for name in stream.identity]
    except (KeyError, TypeError, ValueError) as error:
        wanted = " and ".join(stream.identity)
        raise _lacking(system, stream, None, wanted) from error
    return "-".join(parts)


def _values(
    system: str,
    stream: Stream,
    column: Column,
    seen: Mapping[str, tuple[Document, Mapping[str, Any]]],
) -> list[Any]:
    find = _finder(column.path)
    read = column.read
    values = []
    for identifier, (document, given) in seen.items():
        value = None
        try:
            value = find(document, given)
            values.append(None if value is None else read(value))
        except _Absent as absent:
            raise _lacking(system, stream, identifier, str(absent)) from absent
        except (
            ArithmeticError,
            AttributeError,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ) as error:
            raise unfit(system, stream, column, identifier, value) from error
    return values


def _finder(
    path: str | Callable[[Document], Any],
) -> Callable[[Document, Mapping[str, Any]], Any]:
    if callable(path):
        return lambda document, _given: path(document)
    if path.startswith("@"):
        return lambda _document, given: given[path[1:]]
    steps = [(step.rstrip("?"), step.endswith("?")) for step in path.split(".")]

    def walk(document: Document, _given: Mapping[str, Any]) -> Any:
        value: Any = document
        for name, may_be_absent in steps:
            if value is None:
                return None
            if name in value:
                value = value[name]
            elif may_be_absent:
                return None
            else:
                raise _Absent(path.replace("?", ""))
        return value

    return walk


def _lacking(
    system: str, stream: Stream, identifier: str | None, name: str
) -> SystemFault:
    return Refused(
        system,
        "the record lacks this field",
        f"check that the API version and the permissions of the credential still"
        f" show it in {stream.object}, then run again",
        object=stream.object,
        record_id=identifier,
        field=name,
    )


def unfit(
    system: str, stream: Stream, column: Column, identifier: str, value: Any
) -> SystemFault:
    """Say that a value is not of its column's kind."""
    shown = repr(str(value) if isinstance(value, Decimal) else value)
    wanted = {
        "text": "text",
        "integer": "a whole number",
        "number": f"a number with at most {_SCALE} decimals",
        "instant": "a moment",
        "day": "a day",
        "flag": "true or false",
    }[column.kind]
    return Rejected(
        system,
        f"{shown[:80]} is not {wanted}",
        f"correct the value in {system}, or the field's type if it was changed, then"
        " run again",
        object=stream.object,
        record_id=identifier,
        field=column.path.replace("?", "")
        if isinstance(column.path, str)
        else column.name,
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _key(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and _fits(value):
        return value
    raise TypeError


def _fits(value: int) -> bool:
    return -(2**63) <= value < 2**63


def _number(value: Any) -> Decimal:
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
    if exponent < -_SCALE:
        value = value.normalize() if value else Decimal(0)
        _, digits, exponent = value.as_tuple()
    if int(exponent) < -_SCALE or len(digits) + int(exponent) > 38 - _SCALE:
        raise ValueError("needs rounding")
    return value


def _instant(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _epoch(value: Any) -> datetime:
    return datetime.fromtimestamp(_integer(value), UTC)


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value))


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError

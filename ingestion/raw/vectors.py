"""Vectors: a whole column of values at once, where all are plainly as they should be.

The readers of `ingestion.streams` say what each value means, one at a time. This says
the same of a page, an order of magnitude faster, or says nothing: then they are asked.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from ingestion import streams
from ingestion.readings import Document
from ingestion.records import Records
from ingestion.streams import ARROW_TYPES, RAW_TYPES, Column, Stream

_NOTHING = type(None)
_DAY, _INSTANT = ARROW_TYPES["day"], ARROW_TYPES["instant"]

_Maker: TypeAlias = Callable[[pa.Array], pa.Array]


def vector(
    column: Column, documents: Sequence[Document], given: Mapping[str, Any]
) -> pa.Array | None:
    """Return a column's values; None where a document has to be looked at by itself."""
    if column.read not in _KINDS:
        return None
    try:
        if isinstance(documents, Records) and not _is_given(column.path):
            values = _read(column, documents)
        else:
            values = _gathered(column, documents, given)
        return _MAKERS[column.read](values)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None  # pyarrow's own errors are among these


def identities(stream: Stream, documents: Sequence[Document]) -> pa.Array | None:
    """Return the identifiers of all; None where one has to be looked at by itself."""
    if not isinstance(documents, Records):
        return None
    try:
        parts = [_keys(documents.column(name)) for name in stream.identity]
    except ValueError:
        return None
    if any(part.null_count for part in parts):
        return None
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "-")


def _is_given(path: str | Callable[[Document], Any]) -> bool:
    return isinstance(path, str) and path.startswith("@")


def _read(column: Column, records: Records) -> pa.Array:
    """Return the values as they were read; KeyError where one is absent."""
    path = str(column.path)
    if records.lacks(path):
        raise KeyError(path)
    return records.column(path)


def _gathered(
    column: Column, documents: Sequence[Document], given: Mapping[str, Any]
) -> pa.Array:
    """Return the values of documents; TypeError where one is of another kind."""
    values = _found(column.path, documents, given)
    if not set(map(type, values)) <= _KINDS[column.read]:
        raise TypeError(column.name)
    if column.read is streams.read_key:
        values = [value if value is None else str(value) for value in values]
    return pa.array(values, RAW_TYPES[column.read])


def _found(
    path: str | Callable[[Document], Any],
    documents: Sequence[Document],
    given: Mapping[str, Any],
) -> list[Any]:
    """Return the values at a path; KeyError where a key is absent and must not be."""
    if callable(path):
        return list(map(path, documents))
    if path.startswith("@"):
        return [given[path[1:]]] * len(documents)
    values: list[Any] = list(documents)
    for step in path.split("."):
        name = step.rstrip("?")
        if name == step:
            values = [None if value is None else value[name] for value in values]
        else:
            values = [None if value is None else value.get(name) for value in values]
    return values


def _as_they_are(values: pa.Array) -> pa.Array:
    return values


def _keys(values: pa.Array) -> pa.Array:
    keys = values.cast(pa.string())
    if pc.any(pc.equal(keys, "")).as_py():
        raise ValueError("an empty key is none")
    return keys


def _texts(values: pa.Array) -> pa.Array:
    if values.type != pa.string():
        raise TypeError("a number is no text")
    return values


def _days(values: pa.Array) -> pa.Array:
    days = _texts(values).cast(_DAY)
    return _possible(days, pa.scalar(date.min, _DAY), pa.scalar(date.max, _DAY))


def _instants(values: pa.Array) -> pa.Array:
    return _in_time(_texts(values).cast(_INSTANT))


def _epochs(values: pa.Array) -> pa.Array:
    return _in_time(values.cast(pa.timestamp("s", tz="UTC")).cast(_INSTANT))


def _in_time(values: pa.Array) -> pa.Array:
    first = pa.scalar(datetime.min.replace(tzinfo=UTC), _INSTANT)
    last = pa.scalar(datetime.max.replace(tzinfo=UTC), _INSTANT)
    return _possible(values, first, last)


def _possible(values: pa.Array, first: pa.Scalar, last: pa.Scalar) -> pa.Array:
    """Return the values if Python, too, has a moment for each."""
    ends = pc.min_max(values)
    if ends["min"].is_valid and (
        pc.less(ends["min"], first).as_py() or pc.greater(ends["max"], last).as_py()
    ):
        raise ValueError("a year that no calendar has")
    return values


# Per reader: the types of the values in documents, and what becomes of them.
_KINDS: Mapping[Callable[[Any], Any], set[type]] = {
    streams.read_text: {str, _NOTHING},
    streams.read_key: {str, int, _NOTHING},
    streams.read_integer: {int, _NOTHING},
    streams.read_number: {int, Decimal, _NOTHING},
    streams.read_flag: {bool, _NOTHING},
    streams.read_day: {str, _NOTHING},
    streams.read_instant: {str, _NOTHING},
    streams.read_epoch: {int, _NOTHING},
}
_MAKERS: Mapping[Callable[[Any], Any], _Maker] = {
    streams.read_text: _texts,
    streams.read_key: _keys,
    streams.read_integer: _as_they_are,
    streams.read_number: _as_they_are,
    streams.read_flag: _as_they_are,
    streams.read_day: _days,
    streams.read_instant: _instants,
    streams.read_epoch: _epochs,
}

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
from ingestion.streams import ARROW_TYPES, Column

_NOTHING = type(None)
_NUMBER = ARROW_TYPES["number"]
_DAY, _INSTANT = ARROW_TYPES["day"], ARROW_TYPES["instant"]

_Maker: TypeAlias = Callable[[list[Any]], pa.Array]


def vector(
    column: Column, documents: Sequence[Document], given: Mapping[str, Any]
) -> pa.Array | None:
    """Return a column's values; None where a document has to be looked at by itself."""
    kinds, make = _MAKERS.get(column.read, (None, None))
    if kinds is None or make is None:
        return None
    try:
        values = _found(column.path, documents, given)
        if not set(map(type, values)) <= kinds:
            return None
        return make(values)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return None  # pyarrow's own errors are among these


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


def _keys(values: list[Any]) -> pa.Array:
    keys = [value if value is None else str(value) for value in values]
    if "" in keys:
        raise ValueError("an empty key is none")
    return pa.array(keys, pa.string())


def _texts(values: list[Any]) -> pa.Array:
    return pa.array(values, pa.string())


def _integers(values: list[Any]) -> pa.Array:
    return pa.array(values, pa.int64())


def _numbers(values: list[Any]) -> pa.Array:
    return pa.array(values, _NUMBER)


def _flags(values: list[Any]) -> pa.Array:
    return pa.array(values, pa.bool_())


def _days(values: list[Any]) -> pa.Array:
    days = pa.array(values, pa.string()).cast(_DAY)
    return _possible(days, pa.scalar(date.min, _DAY), pa.scalar(date.max, _DAY))


def _instants(values: list[Any]) -> pa.Array:
    instants = pa.array(values, pa.string()).cast(_INSTANT)
    first = pa.scalar(datetime.min.replace(tzinfo=UTC), _INSTANT)
    last = pa.scalar(datetime.max.replace(tzinfo=UTC), _INSTANT)
    return _possible(instants, first, last)


def _epochs(values: list[Any]) -> pa.Array:
    seconds = pa.array(values, pa.int64()).cast(pa.timestamp("s", tz="UTC"))
    return _possible(
        seconds.cast(_INSTANT),
        pa.scalar(datetime.min.replace(tzinfo=UTC), _INSTANT),
        pa.scalar(datetime.max.replace(tzinfo=UTC), _INSTANT),
    )


def _possible(values: pa.Array, first: pa.Scalar, last: pa.Scalar) -> pa.Array:
    """Return the values if Python, too, has a moment for each."""
    ends = pc.min_max(values)
    if ends["min"].is_valid and (
        pc.less(ends["min"], first).as_py() or pc.greater(ends["max"], last).as_py()
    ):
        raise ValueError("a year that no calendar has")
    return values


_MAKERS: Mapping[Callable[[Any], Any], tuple[set[type], _Maker]] = {
    streams.read_text: ({str, _NOTHING}, _texts),
    streams.read_key: ({str, int, _NOTHING}, _keys),
    streams.read_integer: ({int, _NOTHING}, _integers),
    streams.read_number: ({int, Decimal, _NOTHING}, _numbers),
    streams.read_flag: ({bool, _NOTHING}, _flags),
    streams.read_day: ({str, _NOTHING}, _days),
    streams.read_instant: ({str, _NOTHING}, _instants),
    streams.read_epoch: ({int, _NOTHING}, _epochs),
}

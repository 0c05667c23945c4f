"""Typed: documents become rows of their stream's columns, or say why they cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

import orjson
import pyarrow as pa

from ingestion.errors import Refused, Rejected, SystemFault
from ingestion.raw.vectors import identities, vector
from ingestion.readings import Batch, Document
from ingestion.records import Records
from ingestion.streams import (
    ARROW_TYPES,
    SCALE,
    Column,
    Stream,
    read_key,
    told_nothing,
)

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
)


# Says what is wrong with a value, once it is known whose it is.
_Sayer: TypeAlias = Callable[[str, Stream, Column, str | None], SystemFault]


class _Absent(Exception):  # noqa: N818 -- a sign between two functions of this file
    """The document lacks a key that the vendor always sends."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A document that is no row of its stream, and the fault that says why."""

    fault: SystemFault
    document: Document
    given: Mapping[str, Any]


def typed(system: str, stream: Stream, batch: Batch) -> tuple[pa.Table, list[Unfit]]:
    """Return the documents that fit as typed rows, and those that do not.

    The rows are in the order in which they arrived, one for each document.
    """
    unfit: dict[int, SystemFault] = {}
    documents = batch.documents
    ids = identities(stream, documents)
    if ids is None:
        ids = _identifiers(system, stream, documents, unfit)
    arrays = [ids]
    for column in stream.columns:
        array = vector(column, documents, batch.given)
        if array is None:
            values, faults = _values(column, batch)
            array = pa.array(values, ARROW_TYPES[column.kind])
            for place, said in faults.items():
                whose = ids[place].as_py()
                unfit.setdefault(place, said(system, stream, column, whose))
        arrays.append(array)
    arrays += [_texts(documents), _deletions(stream, documents)]
    if unfit:
        kept = pa.array([place not in unfit for place in range(len(documents))])
        arrays = [array.filter(kept) for array in arrays]
    return pa.Table.from_arrays(arrays, schema=stream.schema), [
        Unfit(fault, documents[place], batch.given) for place, fault in unfit.items()
    ]


def as_text(document: Document) -> str:
    """Return the JSON of a document, its numbers digit by digit."""
    try:
        return str(orjson.dumps(document, default=_exact), "utf-8")
    except TypeError:  # a whole number of more than 64 bits
        return str(orjson.dumps(_whole(document), default=_exact), "utf-8")


def _whole(value: Any) -> Any:
    """Return the value with its whole numbers as written."""
    if isinstance(value, Mapping):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return orjson.Fragment(str(value))
    return value


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _texts(documents: Sequence[Document]) -> pa.Array:
    if isinstance(documents, Records):
        return documents.texts
    return pa.array(map(as_text, documents), pa.string())


def _deletions(stream: Stream, documents: Sequence[Document]) -> pa.Array:
    if stream.is_deleted is told_nothing:
        return pa.repeat(pa.scalar(value=False), len(documents))
    told = (_is_deleted(stream, document) for document in documents)
    return pa.array(told, pa.bool_(), size=len(documents))


def _is_deleted(stream: Stream, document: Document) -> bool:
    try:
        return stream.is_deleted(document)
    except _UNREADABLE:  # it has no such field: its columns say so too
        return False


def _identifiers(
    system: str,
    stream: Stream,
    documents: Sequence[Document],
    unfit: dict[int, SystemFault],
) -> pa.Array:
    ids: list[str | None] = []
    for place, document in enumerate(documents):
        try:
            parts = [read_key(document[name]) for name in stream.identity]
            ids.append("-".join(parts))
        except (KeyError, TypeError, ValueError):
            wanted = " and ".join(stream.identity)
            unfit[place] = _lacking(system, stream, None, None, name=wanted)
            ids.append(None)
    return pa.array(ids, pa.string())


def _values(column: Column, batch: Batch) -> tuple[list[Any], dict[int, _Sayer]]:
    """Return a column's values, and how to say what is wrong where one is unfit."""
    find = finder(column.path)
    read = column.read
    given = batch.given
    values: list[Any] = []
    faults: dict[int, _Sayer] = {}
    for place, document in enumerate(batch.documents):
        value = None
        try:
            value = find(document, given)
            values.append(None if value is None else read(value))
        except _Absent as absent:
            values.append(None)
            faults[place] = partial(_lacking, name=str(absent))
        except _UNREADABLE:
            values.append(None)
            faults[place] = partial(_not_of_kind, value=value)
    return values, faults


def finder(
    path: str | Callable[[Document], Any],
) -> Callable[[Document, Mapping[str, Any]], Any]:
    """Return how a column's value is found in a document and what was given to it."""
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
    system: str,
    stream: Stream,
    _column: Column | None,
    identifier: str | None,
    *,
    name: str,
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


def _not_of_kind(
    system: str, stream: Stream, column: Column, identifier: str | None, *, value: Any
) -> SystemFault:
    shown = repr(str(value) if isinstance(value, Decimal) else value)
    wanted = {
        "text": "text",
        "integer": "a whole number",
        "number": f"a number with at most {SCALE} decimals",
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

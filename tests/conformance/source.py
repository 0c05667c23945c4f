"""Source: what the kit has to know of a system to try everything on it.

Each has one entry in `tests/conformance/sources`; the checks know no vendor.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import pytest

from sandbox.store import Store

Document = dict[str, Any]
# Documents that stand in others, such as the lines of an invoice.
Held = Callable[[Store], Sequence[Document]]
# Changes what an answer says, in place.
Lie = Callable[[Any], None]


def amounts(
    system: str, name: str, field_name: str
) -> Callable[[Store], Sequence[Decimal]]:
    """Return the amounts that an object's records hold in a field."""

    def held(store: Store) -> Sequence[Decimal]:
        records = store.collection(system, name)
        return [Decimal(str(each.get(field_name) or 0)) for each in records]

    return held


def digits() -> Decimal:
    """Return an amount that no binary fraction holds, of as many digits as a cent."""
    return Decimal("90071992547409.93")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount whose sum is known: where it is loaded, and what the system holds."""

    stream: str
    column: str
    held: Callable[[Store], Sequence[Decimal]]


@dataclass(frozen=True, slots=True)
class Digits:
    """A number with as many digits as a system can hold, and where it is put."""

    stream: str
    object: str
    field: str
    column: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One system.

    Attributes:
        name: of the system.
        customers: how many the company has; it is as small as its system allows.
        held: of each raw table, the sandbox's object with the same records, or a
            function that finds them inside of others.
        stream: the raw table on which most is tried.
        object: the sandbox's object behind it.
        text: a text of its documents that people change, dots between keys.
        column: the raw column of that text.
        reads: the calls by which that stream is read, as a regular expression over
            method, path, query and body.
        path: the part of those calls' path by which the sandbox's faults know them.
        records: the records in an answer to such a call.
        key: the field of such a record that identifies it.
        number: makes another id for a copy of a document, from a number.
        unique: fields that no two records may share; a copy gets others.
        lacking: a field that the vendor always sends.
        sums: amounts whose sums are compared.
        digits: a number with many digits.
        small: makes pages small, of so many records where the vendor allows that few.
        page: that many.
        crowd: how many copies of a record make several pages.
        is_whole_seconds: a page goes on until the second of its last record ends.
        quiet_calls: the most calls of a load when nothing changed, for all objects;
            measured, and compared with the vendor's arithmetic in the entry.
        first_calls: the most calls of a first load of the whole company; measured.
        deletion: `told` where an incremental load sees it, `swept` where the next
            complete listing does.
        deleted: the fields that mark a deletion; none where the record goes.
        restored: the fields that undo it; none where the record is entered again.
        born: the seconds of a record's creation, where a backfill goes by them.
        listed: a stream with more than 20 records that is compared with a listing,
            and its object.
        displayed: `stream.field` of what is told otherwise than it is held: as people
            see it, or as it follows from the time.
        secrets: the settings that hold secrets.
        spoiled: the setting that a wrong value makes useless.
        renews: whether a 401 is answered with a new token.
        busy: the status with which the vendor asks for a pause.
        is_again: calls that every process makes once, whatever it knows.
        endless, emptied, miscounted, foreign: how an answer lies: it goes on after
            its last record, is empty and goes on, counts wrongly, leads to another
            host.
        erroneous: the error that comes with status 200.
        takes_no_end: a backfill brings what is younger too, since the vendor can only
            be asked for what changed since.
        stays: raw tables that keep what a full refresh no longer shows, and why.
        not_applicable: checks that the vendor cannot meet, by name, and why.
    """

    name: str
    customers: int = 20
    held: Mapping[str, str | Held]
    stream: str
    object: str
    text: str
    column: str
    reads: str
    path: str
    records: Callable[[Any], list[Document]]
    key: str = "id"
    number: Callable[[int], str]
    unique: tuple[str, ...] = ()
    lacking: str
    sums: tuple[Sum, ...]
    digits: Digits
    small: Callable[[pytest.MonkeyPatch, int], None]
    page: int = 3
    crowd: int = 0
    is_whole_seconds: bool = False
    quiet_calls: int
    first_calls: int
    deletion: Literal["told", "swept"]
    deleted: Mapping[str, Any] | None = None
    restored: Mapping[str, Any] | None = None
    born: str = ""
    takes_no_end: bool = False
    listed: tuple[str, str] = ("", "")
    displayed: frozenset[str] = frozenset()
    secrets: tuple[str, ...]
    spoiled: str
    renews: bool = False
    busy: int = 429
    is_again: str = ""
    endless: Lie | None = None
    emptied: Lie | None = None
    miscounted: Lie | None = None
    erroneous: Any
    foreign: Lie | None = None
    stays: Mapping[str, str] = field(default_factory=dict)
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    def is_read(self, asks: str) -> bool:
        """Tell whether a call reads the stream on which most is tried."""
        return re.search(self.reads, asks) is not None

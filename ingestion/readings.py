"""Readings: how a system's records are walked, page by page.

A reading is a function from a place to a page. It keeps nothing in between, so a walk
that was killed at page 900 goes on there in another process.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from ingestion.transport.rest import Rest

Document: TypeAlias = Mapping[str, Any]
# Where a page begins: a cursor, a link, a last key. Text, whole numbers, true, false,
# null, and lists of those, since it is kept as JSON until the walk is over.
Place: TypeAlias = str | int | list[Any]


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
    """Identifiers of records that exist, where a whole walk lists all of them.

    What the raw table holds beyond them is gone.
    """

    stream: str
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Gone:
    """Identifiers of records that the system says are deleted.

    Between this and a document of the same record, what arrives later counts.
    """

    stream: str
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Children:
    """Parents of which every child arrives in this walk: other children are gone.

    `column` is the column of the children's stream that names their parent, or several
    that do so together; then each of `parents` is as many values. `since` narrows that
    to children whose instant in a column is at or after a moment.
    """

    stream: str
    column: str | tuple[str, ...]
    parents: Sequence[str] | Sequence[tuple[str, ...]]
    since: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The vendor's own word up to when a stream is complete: its next beginning."""

    stream: str
    at: datetime


Arrival: TypeAlias = Batch | Keys | Gone | Children | Mark


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a walk brought, and the place of the next step.

    `next` is None where the walk is over. `total` is how many records the vendor says
    the whole walk has, where it says so of a fixed set; the first page's is compared
    with what came of the reading's first stream.
    """

    arrivals: Sequence[Arrival]
    next: Place | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a walk may ask: where it stands and since when changes count.

    `since` and `until` bound the time of change of what is wanted; None: no bound.
    `began` is the server's time when the walk began, also after another process took
    it up; None in the first step, before the server has said anything.
    """

    rest: Rest
    place: Place | None = None
    since: datetime | None = None
    until: datetime | None = None
    began: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One walk: what it is called, which streams it fills, and its step.

    `lists` are those of its streams of which a finished walk has shown every record
    (or key), so that what is missing is gone. `groups` says which of its streams are
    loaded together or not at all, such as invoices and their lines; all of them, where
    it says nothing.
    """

    name: str
    fills: tuple[str, ...]
    fetch: Callable[[Step], Page]
    lists: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def loaded_together(self) -> tuple[tuple[str, ...], ...]:
        """Return the groups, or all that it fills as one."""
        return self.groups or (self.fills,)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a system before it is read.

    `since` has, per stream, from when on changes are wanted; a stream that is not in
    it is read from the start. `swept` has, per stream, when everything was last
    listed; `read` when it was last read at all, whether anything had changed or not.
    `now` is our clock, for how long ago that was.
    """

    now: datetime
    since: Mapping[str, datetime] = field(default_factory=dict)
    swept: Mapping[str, datetime] = field(default_factory=dict)
    read: Mapping[str, datetime] = field(default_factory=dict)

"""Journal: what a write was: before, after, when, and who did it; field by field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.stamps import stamps

Document = dict[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One field that a write changed: of a new record all, from null; of a gone one.

    `number` is the write's: lines with the same one were committed together.
    """

    number: int
    at: datetime
    system: str
    object: str
    id: str
    field: str
    old: Any
    new: Any
    actor: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Write:
    """One committed write: the record before (none: created) and after (none: gone)."""

    number: int
    at: datetime
    system: str
    object: str
    id: str
    before: Document | None
    after: Document | None
    actor: str
    request_id: str


def parsed(body: str | bytes) -> Document:
    """Return a stored document; a number with a point becomes a Decimal."""
    document: Document = json.loads(body, parse_float=Decimal)
    return document


def written(number: int, at: int, *rest: str) -> Write:
    """Return the write that a row of the table of writes tells of, column by column."""
    system, name, record_id, old, new, actor, request_id = rest
    return Write(
        number,
        instant(at),
        system,
        name,
        record_id,
        None if old is None else parsed(old),
        None if new is None else parsed(new),
        actor,
        request_id,
    )


def micros(at: datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(since_1970: int) -> datetime:
    """Return the instant so many microseconds after 1970 began."""
    return EPOCH + timedelta(microseconds=since_1970)


def lines(write: Write) -> Iterator[JournalLine]:
    """Return a line for each field that a write changed; stamps have none.

    A field that is null is as one that is not there.
    """
    what = (write.number, write.at, write.system, write.object, write.id)
    who = (write.actor, write.request_id)
    quiet = stamps(write.system, write.object, write.at, write.number)
    for name, old, new in _differences(write.before, write.after):
        if name not in quiet:
            yield JournalLine(*what, name, old, new, *who)


def _differences(
    before: Document | None, after: Document | None
) -> Iterator[tuple[str, Any, Any]]:
    is_whole = before is None or after is None
    before, after = before or {}, after or {}
    for key in before | after:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if is_whole and (old or new) and isinstance(old or new, dict):
            old, new = old or {}, new or {}
        if isinstance(old, dict) and isinstance(new, dict):
            for inner in old | new:
                if old.get(inner) != new.get(inner):
                    yield f"{key}.{inner}", old.get(inner), new.get(inner)
        else:
            yield key, old, new

"""Events: what systems told us, kept until a load has read the records concerned.

An event is a pointer: it says that a record changed, and its content is never believed.
What is true is read from the system, so events may come twice, late or in any order.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.store import Store, text

# A duplicate is recognised for this long after its event is done. Vendors repeat a
# delivery for up to three days (Stripe), people by hand for thirty: docs.stripe.com.
KEPT = timedelta(days=35)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Record:
    """A record that an event concerns; without an id, every record of its object."""

    object: str  # in the vendor's words
    record_id: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a system told us, known by the id that the system gave it."""

    system: str
    event_id: str
    kind: str  # the vendor's type of event
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Concerned:
    """What the pending events of one system ask for.

    `records` has, by object, the ids to read again; None among them asks for all.
    """

    system: str
    events: int
    oldest_at: datetime
    records: dict[str, frozenset[str | None]]


def keep(connection: sqlite3.Connection, events: Iterable[Event], at: datetime) -> int:
    """Write events down in the caller's transaction; return how many were new."""
    new = 0
    for event in events:
        records = [[record.object, record.record_id] for record in event.records]
        written = connection.execute(
            "insert into events (system, event_id, kind, records, received_at)"
            " values (?, ?, ?, ?, ?) on conflict (system, event_id) do nothing",
            [
                event.system,
                event.event_id,
                event.kind,
                json.dumps(records, ensure_ascii=False),
                text(at),
            ],
        )
        new += written.rowcount
    return new


def concerned(store: Store) -> list[Concerned]:
    """Return what is pending, by system."""
    heads = store.rows(
        "select system, count(*) as events, min(received_at) as oldest_at from events"
        " where done_at is null group by system order by system"
    )
    records: dict[str, dict[str, set[str | None]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for row in store.rows(
        "select distinct system, each.value ->> 0 as object,"
        " each.value ->> 1 as record_id"
        " from events, json_each(events.records) as each where done_at is null"
    ):
        records[row["system"]][row["object"]].add(row["record_id"])
    return [
        Concerned(
            row["system"],
            row["events"],
            datetime.fromisoformat(row["oldest_at"]),
            {name: frozenset(ids) for name, ids in records[row["system"]].items()},
        )
        for row in heads
    ]


@contextmanager
def covered(store: Store, system: str, clock: Clock) -> Iterator[None]:
    """Mark a system's events done once the load inside the `with` has committed.

    Only those that had arrived before it began to read are: one that arrives while it
    reads may tell of a record that was already passed. Where the load raises, or the
    process ends, all stay pending.
    """
    with store.transaction() as connection:
        (mark,) = connection.execute(
            "select max(seq) from events where system = ? and done_at is null", [system]
        ).fetchone()
    yield
    if mark is not None:
        _settle(store, system, mark, clock())


def _settle(store: Store, system: str, mark: int, at: datetime) -> None:
    with store.transaction() as connection:
        connection.execute(
            "update events set done_at = ?"
            " where system = ? and seq <= ? and done_at is null",
            [text(at), system, mark],
        )
        connection.execute("delete from events where done_at < ?", [text(at - KEPT)])

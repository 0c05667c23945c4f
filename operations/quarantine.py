"""Quarantine: records that came and fit nowhere, kept whole until they do.

And the control totals, which say of every load that what the source gave is what was
loaded, what came twice, and what is here.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from operations.store import Store, text


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that could not be loaded: whose it is, why, and all of it.

    `document` and `given` are JSON, as it came and what the walk knew besides;
    `record_id` is None where the record does not even say who it is.
    """

    system: str
    stream: str
    object: str
    record_id: str | None
    field: str | None
    reason: str
    next_step: str
    document: str
    given: str = "{}"

    @property
    def key(self) -> str:
        """Return what makes it the same record when it comes again."""
        if self.record_id is not None:
            return self.record_id
        return "sha256:" + hashlib.sha256(self.document.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that is in quarantine, and since when."""

    letter: Letter
    held_since: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals of one stream of one load, in records.

    `read` = `loaded` + `duplicates` + `quarantined`, which the store insists on.
    `changed` of those that were loaded were written, `deleted` became tombstones.
    `is_partial`: the load left other changes of the stream out.
    """

    system: str
    stream: str
    read: int
    loaded: int
    duplicates: int
    quarantined: int
    changed: int
    deleted: int
    load_id: str | None
    is_partial: bool = False


def hold(store: Store, letters: Iterable[Letter], at: datetime) -> None:
    """Keep letters; one that is here already is brought up to date."""
    with store.transaction() as connection:
        connection.executemany(
            "insert into quarantine (system, stream, object, key, record_id, field,"
            " reason, next_step, document, given, held_since, seen_at)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict (system, stream, key) where released_at is null do update"
            " set field = excluded.field, reason = excluded.reason,"
            " next_step = excluded.next_step, document = excluded.document,"
            " given = excluded.given, seen_at = excluded.seen_at",
            [
                (
                    each.system,
                    each.stream,
                    each.object,
                    each.key,
                    each.record_id,
                    each.field,
                    each.reason,
                    each.next_step,
                    each.document,
                    each.given,
                    text(at),
                    text(at),
                )
                for each in letters
            ],
        )


def held(
    store: Store, system: str | None = None, stream: str | None = None
) -> list[Held]:
    """Return what is in quarantine, oldest first, of one system or of all."""
    found = store.rows(
        "select * from quarantine where released_at is null"
        " and (? is null or system = ?) and (? is null or stream = ?)"
        " order by quarantine_id",
        [system, system, stream, stream],
    )
    return [
        Held(
            Letter(
                row["system"],
                row["stream"],
                row["object"],
                row["record_id"],
                row["field"],
                row["reason"],
                row["next_step"],
                row["document"],
                row["given"],
            ),
            datetime.fromisoformat(row["held_since"]),
            datetime.fromisoformat(row["seen_at"]),
        )
        for row in found
    ]


def release(
    store: Store, system: str, stream: str, keys: Sequence[str], at: datetime
) -> None:
    """Let go of records that have been loaded since, or are gone at their source."""
    with store.transaction() as connection:
        connection.executemany(
            "update quarantine set released_at = ? where released_at is null"
            " and system = ? and stream = ? and key = ?",
            [(text(at), system, stream, key) for key in keys],
        )


def record(store: Store, totals: Iterable[Totals], at: datetime) -> None:
    """Keep the control totals of a load.

    Raises:
        sqlite3.IntegrityError: what was read is not all accounted for.
    """
    with store.transaction() as connection:
        connection.executemany(
            "insert into control_totals (at, system, stream, read, loaded, duplicates,"
            " quarantined, changed, deleted, load_id, is_partial)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    text(at),
                    each.system,
                    each.stream,
                    each.read,
                    each.loaded,
                    each.duplicates,
                    each.quarantined,
                    each.changed,
                    each.deleted,
                    each.load_id,
                    each.is_partial,
                )
                for each in totals
            ],
        )


def totals(store: Store, system: str) -> list[Totals]:
    """Return the control totals of a system's loads, newest load first."""
    names = ", ".join(Totals.__slots__)
    found = store.rows(
        f"select {names} from control_totals where system = ? order by at desc, stream",
        [system],
    )
    return [
        Totals(**{**dict(row), "is_partial": bool(row["is_partial"])}) for row in found
    ]


def last_read(store: Store, system: str) -> dict[str, datetime]:
    """Return when each stream of a system was last read, changed or not."""
    found = store.rows(
        "select stream, max(at) as at from control_totals where system = ?"
        " and not is_partial group by stream",
        [system],
    )
    return {row["stream"]: datetime.fromisoformat(row["at"]) for row in found}

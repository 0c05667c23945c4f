"""Exceptions: what does not agree and is not explained, until it does or is.

An exception is known by its fingerprint. As long as its source still reports it, it
stays open; once the source no longer does, it is closed; if it returns, a further one
is opened, so that the time each one took can be told.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from operations.audit import Entry, append
from operations.store import Store, text

_ACTOR = "concord"


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that does not agree, as its source reports it now."""

    fingerprint: str  # stable while it is the same disagreement
    kind: str  # the check's id, or what became of a change
    subject: str  # one sentence for people
    severity: str = "S2"
    owner: str = "revops"
    record_key: str | None = None
    customer_id: str | None = None
    difference_minor: int | None = None
    currency: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_row(
        cls, row: Mapping[str, Any], severity: str = "S2", owner: str = "revops"
    ) -> Self:
        """Make one from a row of the reconciliation models."""
        own = {"break_key", "check_id", "subject", "record_key", "customer_id"}
        own |= {"difference_minor", "currency"}
        return cls(
            fingerprint=row["break_key"],
            kind=row["check_id"],
            subject=row["subject"],
            severity=severity,
            owner=owner,
            record_key=row["record_key"],
            customer_id=row["customer_id"],
            difference_minor=row["difference_minor"],
            currency=row["currency"],
            detail={name: value for name, value in row.items() if name not in own},
        )


@dataclass(frozen=True, slots=True)
class Exception_:  # noqa: N801 - the field's word; Python keeps the plain name
    """An exception as people see it in the inbox."""

    exception_id: int
    source: str
    broken: Break
    opened_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Synced:
    """How many exceptions a source's report opened, left open and closed."""

    opened: int
    kept: int
    closed: int


def sync(
    store: Store, breaks: Iterable[Break], at: datetime, source: str = "reconciliation"
) -> Synced:
    """Take a source's whole report: open what is new, close what is gone."""
    with store.transaction() as connection:
        return report(connection, source, breaks, at)


def report(
    connection: sqlite3.Connection, source: str, breaks: Iterable[Break], at: datetime
) -> Synced:
    """Sync inside the caller's transaction; see `sync`."""
    now = {broken.fingerprint: broken for broken in breaks}
    before = {
        row["fingerprint"]
        for row in connection.execute(
            "select fingerprint from exceptions where source = ? and closed_at is null",
            [source],
        )
    }
    gone = before - now.keys()
    for broken in now.values():
        raise_one(connection, source, broken, at)
    close(connection, gone, at, "no longer reported")
    opened = len(now.keys() - before)
    return Synced(opened, len(now) - opened, len(gone))


def raise_one(
    connection: sqlite3.Connection, source: str, broken: Break, at: datetime
) -> None:
    """Open one exception, or see again the one that is open."""
    values = {
        "source": source,
        "fingerprint": broken.fingerprint,
        "kind": broken.kind,
        "severity": broken.severity,
        "owner": broken.owner,
        "record_key": broken.record_key,
        "customer_id": broken.customer_id,
        "subject": broken.subject,
        "difference_minor": broken.difference_minor,
        "currency": broken.currency,
        "detail": json.dumps(broken.detail, sort_keys=True, default=str),
        "seen_at": text(at),
    }
    changed = connection.execute(
        f"update exceptions set {', '.join(f'{name} = :{name}' for name in values)}"
        " where fingerprint = :fingerprint and closed_at is null",
        values,
    )
    if changed.rowcount == 0:
        values["opened_at"] = text(at)
        connection.execute(
            f"insert into exceptions ({', '.join(values)})"
            f" values ({', '.join(f':{name}' for name in values)})",
            values,
        )
        opened = Entry(_ACTOR, "exception opened", broken.fingerprint)
        append(connection, [opened], at)


def close(
    connection: sqlite3.Connection,
    fingerprints: Collection[str],
    at: datetime,
    resolution: str,
) -> None:
    """Close the exceptions of these fingerprints that are open."""
    closed = []
    for fingerprint in sorted(fingerprints):
        changed = connection.execute(
            "update exceptions set closed_at = ?, resolution = ?"
            " where fingerprint = ? and closed_at is null",
            [text(at), resolution, fingerprint],
        )
        if changed.rowcount:
            closed.append(
                Entry(
                    _ACTOR,
                    "exception closed",
                    fingerprint,
                    {"resolution": resolution},
                )
            )
    append(connection, closed, at)


def open_exceptions(store: Store, source: str | None = None) -> list[Exception_]:
    """Return what is open, oldest first; of one source, or of all."""
    rows = store.rows(
        "select * from exceptions where closed_at is null"
        " and (?1 is null or source = ?1) order by opened_at, exception_id",
        [source],
    )
    return [
        Exception_(
            exception_id=row["exception_id"],
            source=row["source"],
            broken=Break(
                fingerprint=row["fingerprint"],
                kind=row["kind"],
                subject=row["subject"],
                severity=row["severity"],
                owner=row["owner"],
                record_key=row["record_key"],
                customer_id=row["customer_id"],
                difference_minor=row["difference_minor"],
                currency=row["currency"],
                detail=json.loads(row["detail"]),
            ),
            opened_at=datetime.fromisoformat(row["opened_at"]),
            seen_at=datetime.fromisoformat(row["seen_at"]),
        )
        for row in rows
    ]

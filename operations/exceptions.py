"""Exceptions: what does not agree and is not explained, until it does or is.

An exception is known by its fingerprint. As long as its source still reports it, it
stays open; once the source looked and no longer does, it is closed, with what showed
it; if it returns, a further one is opened, so that the time each one took can be told.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from operations.audit import Entry, append
from operations.lifecycle import ACTOR, advance, due, escalate, repairs
from operations.store import Store, text

# What an accepted exception must still say: the two sides and what lies between them.
_SAID = ("difference_minor", "currency")
_SIDES = ("left_value", "right_value")


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
    hours: int | None = None  # until it must be gone

    @classmethod
    def from_row(
        cls,
        row: Mapping[str, Any],
        severity: str = "S2",
        owner: str = "revops",
        hours: int | None = None,
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
            hours=hours,
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check in one run."""

    check_id: str
    status: str  # passed, failed or not_run
    not_run_because: str | None
    compared: int
    breaks: int
    explained: int
    difference_usd_minor: int


@dataclass(frozen=True, slots=True)
class Exception_:  # noqa: N801 - the field's word; Python keeps the plain name
    """An exception as people see it in the inbox."""

    exception_id: int
    source: str
    broken: Break
    opened_at: datetime
    seen_at: datetime
    state: str = "open"
    due_at: datetime | None = None
    escalation: int = 0  # how many of its terms are over
    reopened: int = 0  # how often it came back

    def is_late(self, at: datetime) -> bool:
        """Say whether it should be gone by now."""
        return self.due_at is not None and self.due_at <= at


@dataclass(frozen=True, slots=True)
class Synced:
    """How many exceptions a source's report opened, left open and closed."""

    opened: int
    kept: int
    closed: int


def sync(
    store: Store,
    breaks: Iterable[Break],
    at: datetime,
    source: str = "reconciliation",
    *,
    results: Sequence[Result] = (),
    explained: Mapping[str, str] | None = None,
) -> Synced:
    """Take a source's whole report: open what is new, close what is gone.

    Args:
        store: The operations store.
        breaks: What does not agree and is not explained.
        at: When it was looked at.
        source: Who looked.
        results: What became of each check. One that did not run says nothing of its
            breaks: they stay as they are.
        explained: Why breaks that are still there need nobody any more.
    """
    with store.transaction() as connection:
        _remember(connection, results, at)
        return report(
            connection, source, breaks, at, results=results, explained=explained
        )


def report(
    connection: sqlite3.Connection,
    source: str,
    breaks: Iterable[Break],
    at: datetime,
    *,
    results: Sequence[Result] = (),
    explained: Mapping[str, str] | None = None,
) -> Synced:
    """Sync inside the caller's transaction; see `sync`."""
    now = {broken.fingerprint: broken for broken in breaks}
    ran = {result.check_id: result for result in results}
    silent = {kind for kind, result in ran.items() if result.status == "not_run"}
    before = {
        row["fingerprint"]: row
        for row in connection.execute(
            "select * from exceptions where source = ? and closed_at is null", [source]
        )
    }
    opened = sum(raise_one(connection, source, broken, at) for broken in now.values())
    gone = [
        row
        for fingerprint, row in sorted(before.items())
        if fingerprint not in now and row["kind"] not in silent
    ]
    for row in gone:
        fingerprint = row["fingerprint"]
        if why := (explained or {}).get(fingerprint):
            close(connection, [fingerprint], at, f"explained: {why}", state="accepted")
        else:
            seen = _evidence(connection, row, ran.get(row["kind"]))
            close(connection, [fingerprint], at, "no longer reported", evidence=seen)
    advance(connection, at)
    escalate(connection, at)
    return Synced(opened, len(now) - opened, len(gone))


def _remember(
    connection: sqlite3.Connection, results: Iterable[Result], at: datetime
) -> None:
    """Keep what became of each check, for good."""
    connection.executemany(
        f"insert into check_results ({', '.join(Result.__slots__)}, at)"
        f" values ({', '.join('?' * len(Result.__slots__))}, ?)",
        [
            (*(getattr(each, name) for name in Result.__slots__), text(at))
            for each in results
        ],
    )


def _evidence(
    connection: sqlite3.Connection, row: sqlite3.Row, result: Result | None
) -> dict[str, Any]:
    """Say what shows that a break is gone: both sides then, the check's look now."""
    detail = json.loads(row["detail"])
    seen = {name: detail[name] for name in _SIDES if detail.get(name) is not None}
    seen |= {"last_seen_at": row["seen_at"]}
    if result is not None:
        seen |= {"compared": result.compared, "breaks_left": result.breaks}
    if changes := repairs(connection, row["fingerprint"]):
        seen |= {"repaired_by": changes}
    return seen


def raise_one(
    connection: sqlite3.Connection, source: str, broken: Break, at: datetime
) -> bool:
    """Open one exception and return true, or see again the one that is open."""
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
    held = connection.execute(
        "select * from exceptions where fingerprint = ? and closed_at is null",
        [broken.fingerprint],
    ).fetchone()
    if held is not None and held["state"] == "accepted" and not _is_same(held, values):
        why = "it is not any more what was accepted"
        close(connection, [broken.fingerprint], at, why, state="accepted")
        held = None
    if held is not None:
        connection.execute(
            f"update exceptions set {', '.join(f'{name} = :{name}' for name in values)}"
            " where fingerprint = :fingerprint and closed_at is null",
            values,
        )
        return False
    (before,) = connection.execute(
        "select count(*) from exceptions where fingerprint = ?", [broken.fingerprint]
    ).fetchone()
    values |= {
        "opened_at": text(at),
        "state": "reopened" if before else "open",
        "reopened": before,
        "due_at": due(at, broken.hours),
    }
    connection.execute(
        f"insert into exceptions ({', '.join(values)})"
        f" values ({', '.join(f':{name}' for name in values)})",
        values,
    )
    action = "exception reopened" if before else "exception opened"
    append(connection, [Entry(ACTOR, action, broken.fingerprint)], at)
    return True


def _is_same(held: sqlite3.Row, values: Mapping[str, Any]) -> bool:
    """Say whether an exception is what it was: its sides and their difference."""
    was, now = json.loads(held["detail"]), json.loads(values["detail"])
    return all(held[name] == values[name] for name in _SAID) and all(
        was.get(name) == now.get(name) for name in _SIDES
    )


def close(
    connection: sqlite3.Connection,
    fingerprints: Collection[str],
    at: datetime,
    resolution: str,
    *,
    state: str = "confirmed",
    evidence: Mapping[str, Any] | None = None,
) -> None:
    """Close the exceptions of these fingerprints that are open."""
    closed = []
    for fingerprint in sorted(fingerprints):
        changed = connection.execute(
            "update exceptions set closed_at = ?, resolution = ?, state = ?,"
            " evidence = ? where fingerprint = ? and closed_at is null",
            [
                text(at),
                resolution,
                state,
                None if evidence is None else json.dumps(evidence, sort_keys=True),
                fingerprint,
            ],
        )
        if changed.rowcount:
            said = {"resolution": resolution, "state": state, **(evidence or {})}
            closed.append(Entry(ACTOR, "exception closed", fingerprint, said))
    append(connection, closed, at)


def open_exceptions(store: Store, source: str | None = None) -> list[Exception_]:
    """Return what is open and not accepted, oldest first; of one source, or of all."""
    rows = store.rows(
        "select * from exceptions where closed_at is null and state <> 'accepted'"
        " and (?1 is null or source = ?1) order by opened_at, exception_id",
        [source],
    )
    return [_read(row) for row in rows]


def accepted_exceptions(store: Store) -> list[Exception_]:
    """Return what people let stand and is there still, the last one first."""
    rows = store.rows(
        "select * from exceptions where closed_at is null and state = 'accepted'"
        " order by exception_id desc"
    )
    return [_read(row) for row in rows]


def _read(row: sqlite3.Row) -> Exception_:
    return Exception_(
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
        state=row["state"],
        due_at=datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
        escalation=row["escalation"],
        reopened=row["reopened"],
    )

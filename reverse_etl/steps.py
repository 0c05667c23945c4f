"""Steps: how a change goes from one state to the next, with what is known then."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ingestion.errors import SystemFault, Transient
from operations.audit import Entry, append
from operations.exceptions import Break, raise_one
from operations.store import text
from reverse_etl.bases import base_of, before, put_base
from reverse_etl.change import Change
from reverse_etl.destinations import GONE
from reverse_etl.issue import Issue
from reverse_etl.ledger import Row
from reverse_etl.mirror import Base

SOURCE = "push"

_FROM = {
    "sending": ("ready",),
    "waiting": ("ready",),
    "held": ("ready",),
    "acknowledged": ("sending",),
    "unknown": ("sending",),
    "ready": ("sending", "unknown"),
    "confirmed": ("ready", "unknown", "acknowledged"),
    "conflict": ("ready", "sending", "unknown"),
    "rejected": ("ready", "sending", "unknown"),
    "diverged": ("ready", "unknown", "acknowledged", "confirmed"),
    "settled": ("confirmed",),
}


class OutOfOrderError(Exception):
    """A change is not in the state from which this step follows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change's next state, and what is known with it."""

    change: Change
    state: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    base: Sequence[Base] = ()
    broken: Sequence[Break] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    source: str = SOURCE  # of what is broken: who reports it, and closes it


def take_steps(
    connection: sqlite3.Connection, steps: Sequence[Step], actor: str, at: datetime
) -> None:
    """Move changes on, inside the caller's transaction.

    Raises:
        OutOfOrderError: A change is not where the step begins.
    """
    for step in steps:
        columns = {"state": step.state, "changed_at": text(at), **step.columns}
        allowed = _FROM[step.state]
        moved = connection.execute(
            f"update changes set {', '.join(f'{name} = ?' for name in columns)}"
            f" where change_id = ? and state in ({', '.join('?' * len(allowed))})",
            [*columns.values(), step.change.change_id, *allowed],
        )
        if moved.rowcount == 0:
            raise OutOfOrderError(
                f"Change {step.change.change_id} cannot become {step.state}."
            )
        put_base(connection, step.base, at, step.change.change_id)
        for broken in step.broken:
            raise_one(connection, step.source, broken, at)
    append(
        connection,
        [
            Entry(actor, step.state, step.change.change_id, step.detail)
            for step in steps
        ],
        at,
    )


def diverged(change: Change, record_id: str, held: Mapping[str, str | None]) -> Step:
    """Return the step of a change whose record holds something else than was written.

    What we wrote becomes the base: the other value then counts as an edit there, and
    is not written over again and again.
    """
    differing = {
        name: {"written": ours, "there": held.get(name)}
        for name, ours in change.values.items()
        if held.get(name) != ours
    }
    why = f"the record holds other values than were written: {', '.join(differing)}"
    return Step(
        change,
        "diverged",
        {"why": why, "record_id": record_id},
        base_of(change, record_id, change.values),
        [_broken(change, "diverged", f"{why}; see what changes them there")],
        {"fields": differing},
    )


def rejection(change: Change, fault: SystemFault) -> Step:
    """Return the step of a change that a person has to look at."""
    return Step(
        change,
        "rejected",
        said(fault),
        restored(change),
        [_broken(change, "rejected", str(fault))],
        {"why": fault.reason},
    )


def trampled(change: Change, edits: Mapping[str, str | None]) -> list[Break]:
    """Return the exceptions of edits that a change was written over.

    They are as any other edit there: a person lets the golden value win, or types the
    edit there again, which the next plan then sees.
    """
    return [
        replace(
            Issue(
                kind="user_edit",
                system=change.system,
                object=change.object,
                record_id=change.target,
                field=field.field,
                customer_id=change.customer_id,
                theirs=edits[field.field],
                ours=field.ours,
                base=field.theirs,
            ).broken,
            subject=f"{field.field} of {change.system} {change.object} {change.target}"
            f" was changed there to {edits[field.field]!r} in the moment before our"
            f" {field.ours!r} was written over it: if the edit is right, type it there"
            " again, and nothing will write over it.",
            severity="S2",
        )
        for field in change.fields
        if field.field in edits
    ]


def gone(change: Change) -> Break:
    """Return the exception of a record that went away; the next plan closes it."""
    return replace(
        _broken(
            change,
            "gone",
            f"{change.system} {change.object} {change.target}: {GONE}, deleted or"
            " merged into another since it was planned; if it should be there, restore"
            " it there, else the next plan does without it.",
        ),
        severity="S3",
    )


def tired(row: Row, fault: SystemFault | None) -> SystemFault:
    """Return the fault of a change that was tried often enough."""
    cause = fault or Transient(row.change.system, str(row.why))
    return replace(
        cause,
        object=row.change.object,
        record_id=row.change.target,
        reason=f"after {row.attempts} attempts: {cause.reason}",
        next_step="see why it never gets through, then retry it",
    )


def restored(change: Change) -> list[Base]:
    """Return the bases to go back to, as nothing was written after all."""
    return before(change) if change.record_id else []


def seen(change: Change) -> list[Base]:
    """Return the bases, with what the plan saw where none was known."""
    return [
        base if base.is_known else replace(base, value=field.theirs, is_known=True)
        for base, field in zip(restored(change), change.fields, strict=False)
    ]


def _broken(change: Change, kind: str, subject: str) -> Break:
    return Break(
        fingerprint=f"change:{change.change_id}",
        kind=kind,
        subject=subject,
        record_key=change.record_key,
        customer_id=change.customer_id,
        difference_minor=change.amount_minor,
        currency=change.currency,
        detail={"change_id": change.change_id, "values": change.values},
    )


def said(fault: SystemFault) -> dict[str, Any]:
    """Return the columns that tell of a fault."""
    return {
        "fault": type(fault).__name__,
        "why": fault.reason,
        "next_step": fault.next_step or fault.usual_step,
    }

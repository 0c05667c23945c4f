"""Runner: the one process that may send, and each step it writes down before the next.

Every step is one transaction that first checks the lease's epoch and also adds the
audit rows: a runner that was replaced writes nothing, and sends nothing, any more.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ingestion.errors import SystemFault
from operations.audit import Entry, append
from operations.decisions import is_approved
from operations.exceptions import Break, close, raise_one
from operations.lease import Lease, hold, release, take, this_process
from operations.store import Store, text
from reverse_etl.bases import base_of, before
from reverse_etl.change import Change
from reverse_etl.destinations import GONE
from reverse_etl.ledger import Row
from reverse_etl.steps import (
    SOURCE,
    Step,
    diverged,
    gone,
    rejection,
    restored,
    said,
    seen,
    take_steps,
    tired,
    trampled,
)

LEASE = "push"

# By change and field: what a person typed after our look, and our write replaced.
Edits = Mapping[str, Mapping[str, str | None]]

# Eight tries over eight runs outlast every outage that is not one for people.
MAX_ATTEMPTS = 8


class Runner:
    """The holder of the lease, and the steps that only it may take."""

    def __init__(
        self, store: Store, lease: Lease, clock: Callable[[], datetime]
    ) -> None:
        """Act under a lease that was acquired; see `start`."""
        self.store = store
        self.lease = lease
        self._clock = clock
        self.outcomes: dict[str, str] = {}  # the last step of each change

    @classmethod
    def start(
        cls,
        store: Store,
        clock: Callable[[], datetime],
        term: timedelta,
        owner: str | None = None,
    ) -> "Runner":
        """Become the active runner; whatever was being sent is unknown from now on.

        Raises:
            LeaseHeldError: Another one is active.
        """
        wanted = Lease(LEASE, owner or this_process(), 0, term)
        at = clock()
        with store.transaction() as connection:
            lease = take(connection, wanted, at)
            lost = connection.execute(
                "update changes"
                " set state = 'unknown', fault = 'Unknown', changed_at = ?,"
                " why = 'the runner ended before an answer was written down'"
                " where state = 'sending' returning change_id",
                [text(at)],
            ).fetchall()
            actor = f"{LEASE} {lease.epoch}"
            append(
                connection,
                [Entry(actor, "unknown", row["change_id"]) for row in lost],
                at,
            )
        return cls(store, lease, clock)

    def stop(self) -> None:
        """Give the lease back."""
        release(self.store, self.lease, self._clock())

    def intend(self, rows: Sequence[Row]) -> list[Row]:
        """Write down what is about to be sent; return what may be sent.

        The base of every touched field becomes unknown until it is read again. A
        change whose approval does not fit its content goes back to wait for one. Left
        out is what is no longer ready, or whose record has another outcome open.
        """
        at = self._clock()
        intended = []
        with self.store.transaction() as connection:
            hold(connection, self.lease, at)
            for row in rows:
                if not _may_go(connection, row.change):
                    continue
                if row.change.approval and not _is_approved(connection, row.change, at):
                    void = Step(row.change, "waiting", {"hold": "approval"})
                    take_steps(connection, [void], self._actor, at)
                    self.outcomes[row.change.change_id] = void.state
                else:
                    intended.append(self._begun(row, at))
            steps = [
                Step(
                    row.change,
                    "sending",
                    {
                        "attempts": row.attempts,
                        "epoch": self.lease.epoch,
                        "request_hash": _request_hash(row),
                        "first_sent_at": text(row.first_sent_at or at),
                        "sent_at": text(at),
                        "fault": None,
                        "why": None,
                        "next_step": None,
                    },
                    [replace(base, is_known=False) for base in before(row.change)]
                    if row.change.record_id
                    else (),
                    detail={"attempt": row.attempts},
                )
                for row in intended
            ]
            take_steps(connection, steps, self._actor, at)
        return intended

    def acknowledge(self, answered: Iterable[tuple[Row, str]]) -> None:
        """The system said done; the record's id is known."""
        self._take(
            Step(row.change, "acknowledged", {"record_id": record_id})
            for row, record_id in answered
        )

    def confirm(
        self, found: Iterable[tuple[Row, str]], how: str, edits: Edits | None = None
    ) -> None:
        """The record was read and holds what we want: the base is known again.

        An edit that was written over is an exception: a person says what stands.
        """
        lost = edits or {}
        self._take(
            Step(
                row.change,
                "confirmed",
                {"record_id": record_id, "fault": None, "why": how, "next_step": None},
                base_of(row.change, record_id, row.change.values),
                trampled(row.change, lost.get(row.change.change_id, {})),
                detail={"how": how},
            )
            for row, record_id in found
        )

    def doubt(self, rows: Iterable[Row], fault: SystemFault) -> None:
        """It was sent and the outcome is not known.

        Where the system itself answered with a failure, it may have stored that answer
        under the request's key: the next request needs another one.
        """
        self._take(
            Step(
                row.change,
                "unknown",
                {
                    **said(fault),
                    "key_generation": row.key_generation + (fault.status is not None),
                },
            )
            for row in rows
        )

    def again(
        self,
        rows: Iterable[Row],
        fault: SystemFault | None = None,
        *,
        counts: bool = True,
    ) -> None:
        """It has no effect there and may be sent again, up to `MAX_ATTEMPTS`.

        An attempt that never reached the record itself (the system let nobody in, or
        the call failed for another record's sake) does not count.
        """
        steps = []
        for row in rows:
            if counts and row.attempts >= MAX_ATTEMPTS:
                steps.append(rejection(row.change, tired(row, fault)))
                continue
            columns = said(fault) if fault else {}
            if not counts:
                columns["attempts"] = row.attempts - 1
            steps.append(Step(row.change, "ready", columns, restored(row.change)))
        self._take(steps)

    def reject(self, answered: Iterable[tuple[Row, SystemFault]]) -> None:
        """The system understood and said no: a dead letter, and an exception."""
        self._take(rejection(row.change, fault) for row, fault in answered)

    def conflict(self, found: Iterable[tuple[Row, str]]) -> None:
        """The record is not as the plan saw it: a later plan compares again.

        Until then an exception tells of a record that went away.
        What the plan saw is kept as base where none was known, so that the later plan
        recognises the other value as an edit.
        """
        self._take(
            Step(
                row.change,
                "conflict",
                {"why": why, "fault": "Conflict"},
                seen(row.change),
                [gone(row.change)] if why == GONE else (),
                {"why": why},
                "plan",
            )
            for row, why in found
        )

    def diverge(
        self, found: Iterable[tuple[Row, str, Mapping[str, str | None]]]
    ) -> None:
        """The system said done, and yet the record holds something else."""
        self._take(
            diverged(row.change, record_id, held) for row, record_id, held in found
        )

    def hold_back(self, rows: Sequence[Row], why: str) -> None:
        """Keep changes here whose like failed; the next plan judges them anew."""
        at = self._clock()
        change = rows[0].change
        broken = Break(
            fingerprint=breaker_of(change.system, change.object),
            kind="breaker",
            subject=f"{why}: {len(rows)} more were not sent.",
            severity="S1",
            detail={"system": change.system, "object": change.object},
        )
        columns = {"hold": "breaker", "why": why}
        self._take(Step(row.change, "held", columns) for row in rows)
        with self.store.transaction() as connection:
            hold(connection, self.lease, at)
            raise_one(connection, SOURCE, broken, at)

    def refused(self, fault: SystemFault) -> None:
        """Open the exception of a system that no longer lets us in."""
        at = self._clock()
        broken = Break(
            fingerprint=f"refused:{fault.system}",
            kind="refused",
            subject=str(fault),
            severity="S1",
            detail=said(fault),
        )
        with self.store.transaction() as connection:
            hold(connection, self.lease, at)
            raise_one(connection, SOURCE, broken, at)

    def accepted(self, system: str) -> None:
        """Close that exception: the system answered."""
        self._close(f"refused:{system}", "the system answers again")

    def calm(self, system: str, object_name: str) -> None:
        """Close the exception of an object that was held back: it flows again."""
        self._close(breaker_of(system, object_name), "the changes arrive again")

    def _close(self, fingerprint: str, why: str) -> None:
        at = self._clock()
        with self.store.transaction() as connection:
            hold(connection, self.lease, at)
            close(connection, [fingerprint], at, why)

    @property
    def _actor(self) -> str:
        return f"{LEASE} {self.lease.epoch}"

    def _begun(self, row: Row, at: datetime) -> Row:
        return replace(
            row,
            state="sending",
            attempts=row.attempts + 1,
            first_sent_at=row.first_sent_at or at,
            sent_at=at,
        )

    def _take(self, steps: Iterable[Step]) -> None:
        taken = list(steps)
        if not taken:
            return
        at = self._clock()
        with self.store.transaction() as connection:
            hold(connection, self.lease, at)
            take_steps(connection, taken, self._actor, at)
        self.outcomes.update({step.change.change_id: step.state for step in taken})


def breaker_of(system: str, object_name: str) -> str:
    """Name the exception of an object of which too much failed."""
    return f"breaker:{system}:{object_name.lower()}"


def _may_go(connection: sqlite3.Connection, change: Change) -> bool:
    """Say whether it is still ready, and no other outcome of its record is open."""
    row = connection.execute(
        "select 1 from changes as this where change_id = ? and state = 'ready'"
        " and not exists (select 1 from changes as other"
        "  where (other.system, other.object, other.target)"
        "  = (this.system, this.object, this.target)"
        "  and other.state in ('sending', 'unknown'))",
        [change.change_id],
    ).fetchone()
    return row is not None


def _is_approved(connection: sqlite3.Connection, change: Change, at: datetime) -> bool:
    """Compare the approval with the content as it is about to be sent."""
    return is_approved(connection, change.change_id, change.content_hash, at)


def _request_hash(row: Row) -> str:
    request = [row.change.target, sorted(row.change.values.items())]
    return hashlib.sha256(json.dumps(request).encode()).hexdigest()

"""Ledger: the durable record of every planned change and what became of it.

    waiting ─┬─> ready ──> sending ──> acknowledged ──> confirmed ──> settled
    held ────┘     ^          │  └──> unknown ──┘            │
                   └──────────┴─────────┘ (read: not applied) └──> diverged

`waiting` for a person, `held` by a guard, `conflict` when the record moved after the
plan, `rejected` by the system, `declined` by a person, `superseded` by a later plan.
`runner` makes the moves of a push; this module reads, and takes in plans.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from operations.audit import Entry, append
from operations.exceptions import close, report
from operations.store import Store, text
from reverse_etl.bases import put_base
from reverse_etl.change import (
    Change,
    fields_from_json,
    fields_to_json,
)
from reverse_etl.document import document
from reverse_etl.mirror import Base
from reverse_etl.overtaken import overtaken, undone

if TYPE_CHECKING:
    from reverse_etl.plan import Plan

ACTOR = "concord"

PENDING = ("waiting", "held", "ready")
# Planned once and not to be planned again while the content stays the same.
STANDING = (*PENDING, "rejected", "declined")
# As often as a value may be written, changed back and written again: F89 of the
# catalogue of faults asks for three.
SWINGS = 3
IN_FLIGHT = ("sending", "unknown", "acknowledged")


@dataclass(frozen=True, slots=True)
class Row:
    """A change with its place in the ledger."""

    change: Change
    state: str
    hold: str | None
    attempts: int
    key_generation: int
    first_sent_at: datetime | None
    sent_at: datetime | None
    changed_at: datetime
    why: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a guard puts a pending change, and why."""

    state: str  # ready, held or waiting
    hold: str | None = None  # the guard that held it
    why: str | None = None
    people: int = 1  # how many have to approve it


@dataclass(frozen=True, slots=True)
class Count:
    """How many changes of an object are in a state."""

    system: str
    object: str
    state: str
    count: int


class StalePlanError(Exception):
    """The plan was overtaken: what it saw may no longer be so."""


class UnknownPlanError(Exception):
    """No such plan was taken in: make one, or see which there are."""


class Ledger:
    """The changes, bases and counts of one operations store."""

    def __init__(self, store: Store) -> None:
        """Keep the ledger in this store."""
        self.store = store

    def rows(
        self,
        states: Sequence[str],
        system: str | None = None,
        *,
        plan_id: str | None = None,
    ) -> list[Row]:
        """Return the changes in these states (of a system, a plan), oldest first."""
        found = self.store.rows(
            f"select * from changes where state in ({_marks(states)})"
            " and (? is null or system = ?) and (? is null or plan_id = ?)"
            " order by created_at, rowid",
            [*states, system, system, plan_id, plan_id],
        )
        return [_row(row) for row in found]

    def counts(self) -> list[Count]:
        """Return how many changes there are by system, object and state."""
        found = self.store.rows(
            "select system, object, state, count(*) as count from changes"
            " group by system, object, state order by system, object, state"
        )
        return [Count(**dict(row)) for row in found]

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return the changes that stay undone until somebody acts."""
        found = self.store.rows("select * from dead_letters order by since, change_id")
        return [dict(row) for row in found]

    def outcomes(self) -> dict[str, str]:
        """Return the latest state of each record that a change was planned for."""
        found = self.store.rows(
            "select system, object, target, state from changes order by rowid"
        )
        return {
            f"{row['system']}:{row['object'].lower()}:{row['target']}": row["state"]
            for row in found
        }

    def base(self, system: str, object_name: str) -> list[Base]:
        """Return the confirmed values of an object's fields."""
        found = self.store.rows(
            "select system, object, record_id, field, value, is_known from base"
            " where system = ? and object = ?",
            [system, object_name],
        )
        return [
            Base(**{**dict(row), "is_known": bool(row["is_known"])}) for row in found
        ]

    def created(self) -> dict[tuple[str, str, str], str]:
        """Return the state of each record that was made, by system, object and key."""
        found = self.store.rows(
            "select system, object, external_key, state from changes"
            " where action = 'create' and state in ('confirmed', 'settled', 'diverged')"
            " order by rowid"
        )
        return {tuple(row)[:3]: row["state"] for row in found}

    def reverts(self) -> set[str]:
        """Return the changes that undo others, because a person asked for it."""
        found = self.store.rows(
            "select change_id from changes join plan_documents using (plan_id)"
            " where kind = 'revert'"
        )
        return {row["change_id"] for row in found}

    def document(self, plan_id: str | None = None) -> dict[str, Any]:
        """Return a plan as it was made; without a name, the last regular one.

        Raises:
            UnknownPlanError: No such plan was taken in.
        """
        found = self.store.rows(
            "select document, plan_documents.plan_id from plan_documents"
            " join plans using (plan_id) where plan_documents.plan_id = ?1"
            " or (?1 is null and kind = 'regular') order by made_at desc limit 1",
            [plan_id],
        )
        if not found:
            raise UnknownPlanError(f"The ledger holds no plan {plan_id or 'yet'}.")
        return {**json.loads(found[0]["document"]), "plan_id": found[0]["plan_id"]}

    def swinging(self) -> set[str]:
        """Return the contents that were sent so often that somebody writes against us.

        Each time the record came to hold the old value again: another integration,
        or a rule there.
        """
        found = self.store.rows(
            "select content_hash from changes where first_sent_at is not null"
            " group by content_hash having count(*) >= ?",
            [SWINGS],
        )
        return {row["content_hash"] for row in found}

    def generation(self, content: str) -> int:
        """Return how often this content was planned before."""
        found = self.store.rows(
            "select count(*) from changes where content_hash = ?", [content]
        )
        return int(found[0][0])

    def record(
        self, plan: "Plan", verdicts: Mapping[str, Verdict], at: datetime
    ) -> None:
        """Take in a plan with the guard's verdicts, all in one transaction.

        Taking in the same plan twice changes nothing the second time.
        """
        with self.store.transaction() as connection:
            newer = connection.execute(
                "select 1 from plans where made_at > ?", [text(plan.made_at)]
            ).fetchone()
            if newer:
                raise StalePlanError("A newer plan is in the ledger: plan again.")
            added = connection.execute(
                "insert or ignore into plans values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    plan.plan_id,
                    text(plan.made_at),
                    text(at),
                    plan.contract_hash,
                    len(plan.changes),
                    len(plan.standing),
                    len(plan.withdrawn),
                    plan.governed,
                    plan.equal,
                ],
            )
            if added.rowcount:
                self._take_in(connection, plan, at)
            _judge(connection, verdicts, at)
            if plan.kind == "regular":  # it looked at everything there is
                report(connection, "plan", (each.broken for each in plan.issues), at)

    def judge(self, verdicts: Mapping[str, Verdict], at: datetime) -> None:
        """Put what is unsent where the guards want it now."""
        with self.store.transaction() as connection:
            _judge(connection, verdicts, at)

    def _take_in(
        self, connection: sqlite3.Connection, plan: "Plan", at: datetime
    ) -> None:
        entries = [
            Entry(
                ACTOR,
                "plan recorded",
                plan.plan_id,
                {"planned": len(plan.changes), "withdrawn": len(plan.withdrawn)},
            )
        ]
        connection.execute(
            "insert into plan_documents values (?, ?, ?, ?, ?)",
            [plan.plan_id, plan.kind, plan.author, plan.undoes, document(plan)],
        )
        put_base(connection, plan.converged, at)
        if plan.undoes:
            entries += undone(connection, plan, at)
        superseded = [*plan.withdrawn, *overtaken(connection, plan.changes)]
        for change_id in superseded:
            connection.execute(
                "update changes set state = 'superseded', changed_at = ?,"
                " why = 'a later plan no longer wants it' where change_id = ?",
                [text(at), change_id],
            )
            entries.append(Entry(ACTOR, "superseded", change_id))
        close(
            connection,
            [f"change:{change_id}" for change_id in superseded],
            at,
            "superseded by a later plan",
        )
        connection.executemany(
            f"insert into changes ({', '.join(_COLUMNS)}) values ({_marks(_COLUMNS)})",
            [_new_row(plan.plan_id, change, at) for change in plan.changes],
        )
        entries += [
            Entry(ACTOR, "planned", change.change_id, {"content": change.content_hash})
            for change in plan.changes
        ]
        append(connection, entries, at)


_COLUMNS = (
    "change_id",
    "plan_id",
    "content_hash",
    "system",
    "object",
    "target",
    "record_id",
    "external_key",
    "entity",
    "entity_id",
    "customer_id",
    "action",
    "fields",
    "approval",
    "amount_minor",
    "currency",
    "reason",
    "state",
    "created_at",
    "changed_at",
)


def _new_row(plan_id: str, change: Change, at: datetime) -> tuple[Any, ...]:
    return (
        change.change_id,
        plan_id,
        change.content_hash,
        change.system,
        change.object,
        change.target,
        change.record_id,
        change.external_key,
        change.entity,
        change.entity_id,
        change.customer_id,
        change.action,
        fields_to_json(change.fields),
        int(change.approval),
        change.amount_minor,
        change.currency,
        change.reason,
        "held",  # until the guard's verdict, in the same transaction
        text(at),
        text(at),
    )


def _judge(
    connection: sqlite3.Connection, verdicts: Mapping[str, Verdict], at: datetime
) -> None:
    entries = []
    for change_id, verdict in verdicts.items():
        moved = connection.execute(
            "update changes set state = ?1, hold = ?2, why = ?3, changed_at = ?4,"
            " people = ?6"
            " where change_id = ?5 and state in ('waiting', 'held', 'ready')"
            " and (state, hold, why, people) is not (?1, ?2, ?3, ?6)",
            [
                verdict.state,
                verdict.hold,
                verdict.why,
                text(at),
                change_id,
                verdict.people,
            ],
        )
        if moved.rowcount:
            detail = {"why": verdict.why} if verdict.why else {}
            entries.append(Entry(ACTOR, verdict.state, change_id, detail))
    append(connection, entries, at)


def _row(row: sqlite3.Row) -> Row:
    return Row(
        change=Change(
            change_id=row["change_id"],
            system=row["system"],
            object=row["object"],
            record_id=row["record_id"],
            external_key=row["external_key"],
            entity=row["entity"],
            entity_id=row["entity_id"],
            customer_id=row["customer_id"],
            action=row["action"],
            fields=fields_from_json(row["fields"]),
            approval=bool(row["approval"]),
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            reason=row["reason"],
        ),
        state=row["state"],
        hold=row["hold"],
        attempts=row["attempts"],
        key_generation=row["key_generation"],
        first_sent_at=_instant(row["first_sent_at"]),
        sent_at=_instant(row["sent_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        why=row["why"],
    )


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))

"""Overtaken: earlier changes whose place the changes of a plan take."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from operations.audit import Entry
from operations.store import text
from reverse_etl.change import Change

if TYPE_CHECKING:
    from reverse_etl.plan import Plan


def overtaken(connection: sqlite3.Connection, changes: Iterable[Change]) -> list[str]:
    """Return confirmed changes, not yet seen by ingestion, that new ones write over."""
    found_ids = []
    for change in changes:
        found = connection.execute(
            "select change_id, fields from changes where state = 'confirmed'"
            " and action = 'update' and system = ? and object = ? and record_id = ?",
            [change.system, change.object, change.record_id],
        ).fetchall()
        touched = change.values.keys()
        found_ids += [
            row["change_id"]
            for row in found
            if touched & {field["field"] for field in json.loads(row["fields"])}
        ]
    return found_ids


def undone(connection: sqlite3.Connection, plan: "Plan", at: datetime) -> list[Entry]:
    """Decline the changes that a plan undoes: they are not planned again."""
    entries = []
    for change in plan.changes:
        found = connection.execute(
            "update changes set state = 'declined', changed_at = ?1, why = ?2"
            " where plan_id = ?3 and (system, object, record_id) = (?4, ?5, ?6)"
            " and approval = ?7 and state in ('confirmed', 'settled')"
            " returning change_id",
            [
                text(at),
                f"{plan.author} has it undone by the plan {plan.plan_id}",
                plan.undoes,
                change.system,
                change.object,
                change.record_id,
                int(change.approval),
            ],
        ).fetchall()
        entries += [Entry(plan.author, "undone", row["change_id"]) for row in found]
    return entries

"""Lifecycle: in which state an exception is, who moved it there, and when it is late.

open → acknowledged (a person took it) → proposed (a change of ours would repair it) →
approved → repaired (it arrived) → confirmed (its check ran and finds it no longer).
accepted: a person lets it stand, as it is. reopened: it came back, or is not any more
what was accepted. Every move stands in the audit chain under the fingerprint.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.audit import Entry, append
from operations.store import Store, text

ACTOR = "concord"

# When a change repairs a break: the break names its target, a change the same one.
REPAIRS = """
    exceptions.detail ->> '$.target_system' = changes.system
    and lower(exceptions.detail ->> '$.target_object') = lower(changes.object)
    and exceptions.detail ->> '$.target_record_id'
        in (changes.record_id, changes.external_key)
"""
# What arrived before the exception was opened repaired an earlier one.
_REPAIRED = "changes.state in ('acknowledged', 'confirmed', 'settled')"
_FOLLOWED = f"""
select exceptions.fingerprint, exceptions.state as state_before, changes.change_id,
    max(case
        when changes.state in ('waiting', 'held', 'rejected', 'conflict', 'diverged')
            then '3 proposed'
        when changes.state in ('ready', 'sending', 'unknown') then '2 approved'
        else '1 repaired'
    end) as step
from exceptions
join changes on {REPAIRS} and changes.state not in ('declined', 'superseded')
    and (not {_REPAIRED} or changes.changed_at >= exceptions.opened_at)
where exceptions.closed_at is null and exceptions.state <> 'accepted'
group by exceptions.fingerprint
"""
_LEFT = """
select fingerprint from exceptions
where closed_at is null and state in ('proposed', 'approved', 'repaired')
"""

# Whom an exception is taken to when its time is over once, twice and three times.
ESCALATED_TO = ("its owner", "Controller", "CFO")
# Whoever repaired it twice in vain has not found the cause.
REOPENED_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Moved:
    """One move in the life of an exception."""

    at: datetime
    actor: str
    action: str
    detail: Mapping[str, Any]


def move(
    connection: sqlite3.Connection,
    fingerprint: str,
    state: str,
    at: datetime,
    actor: str = ACTOR,
    **detail: object,
) -> None:
    """Put the open exception into a state, and write down who did and why."""
    connection.execute(
        "update exceptions set state = ? where fingerprint = ? and closed_at is null",
        [state, fingerprint],
    )
    append(connection, [Entry(actor, f"exception {state}", fingerprint, detail)], at)


def acknowledge(connection: sqlite3.Connection, fingerprint: str, at: datetime) -> None:
    """Let an exception that nobody looked after be somebody's."""
    new = connection.execute(
        "select 1 from exceptions where fingerprint = ? and closed_at is null"
        " and state in ('open', 'reopened')",
        [fingerprint],
    ).fetchone()
    if new is not None:
        move(connection, fingerprint, "acknowledged", at)


def advance(connection: sqlite3.Connection, at: datetime) -> None:
    """Let each open exception follow the change that repairs it.

    Where several do, it is as far as the one that is least far. Where none does any
    more, it is open again.
    """
    followed = {
        row["fingerprint"]: (row["step"][2:], row["state_before"], row["change_id"])
        for row in connection.execute(_FOLLOWED)
    }
    left = [row["fingerprint"] for row in connection.execute(_LEFT)]
    for fingerprint, (state, before, change_id) in sorted(followed.items()):
        if state != before:
            move(connection, fingerprint, state, at, change=change_id)
    for fingerprint in sorted(set(left) - followed.keys()):
        move(connection, fingerprint, "open", at, reason="no change repairs it")


def escalate(connection: sqlite3.Connection, at: datetime) -> int:
    """Take what is late one step further for each of its terms; return how many."""
    rows = connection.execute(
        "select fingerprint, owner, opened_at, due_at, reopened, escalation"
        " from exceptions where closed_at is null and state <> 'accepted'"
        " and due_at is not null order by fingerprint"
    ).fetchall()
    raised = 0
    for row in rows:
        term = _instant(row["due_at"]) - _instant(row["opened_at"])
        late = int((at - _instant(row["opened_at"])) / term)
        level = min(late + (row["reopened"] > REOPENED_AT_MOST), len(ESCALATED_TO))
        if level <= row["escalation"]:
            continue
        raised += 1
        connection.execute(
            "update exceptions set escalation = ? where fingerprint = ?"
            " and closed_at is null",
            [level, row["fingerprint"]],
        )
        whom = row["owner"] if level == 1 else ESCALATED_TO[level - 1]
        said = {"to": whom, "due_at": row["due_at"], "reopened": row["reopened"]}
        entry = Entry(ACTOR, "exception escalated", row["fingerprint"], said)
        append(connection, [entry], at)
    return raised


def repairs(connection: sqlite3.Connection, fingerprint: str) -> list[str]:
    """Return the changes that arrived where the open exception's repair belongs."""
    rows = connection.execute(
        f"select changes.change_id from exceptions join changes on {REPAIRS}"
        f" and {_REPAIRED} and changes.changed_at >= exceptions.opened_at"
        " where fingerprint = ? and closed_at is null order by changes.changed_at",
        [fingerprint],
    )
    return [row["change_id"] for row in rows]


def history(store: Store, fingerprint: str) -> list[Moved]:
    """Return all that was done to and said of a fingerprint, oldest first."""
    rows = store.rows(
        "select at, actor, action, detail from audit where subject = ? order by seq",
        [fingerprint],
    )
    return [
        Moved(
            _instant(row["at"]), row["actor"], row["action"], json.loads(row["detail"])
        )
        for row in rows
    ]


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written)


def due(opened_at: datetime, hours: int | None) -> str | None:
    """Return the instant by which an exception must be gone, as the store keeps it."""
    return None if hours is None else text(opened_at + timedelta(hours=hours))

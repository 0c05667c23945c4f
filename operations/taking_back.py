"""Taking back: a decision of which nothing came yet is undone, by name and with reason.

The decision stays where it is in the audit chain; the entry that takes it back stands
after it. What was sent is not taken back but reverted, by a plan of its own.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from operations.audit import Entry, append
from operations.decisions import CannotDecideError, Signature
from operations.lifecycle import advance, move
from operations.store import Store, text

ACTION = "take back"
# Where a decision had moved a change, and where that change stands without it.
_BACK = {
    ("approve", "ready"): "waiting",
    ("approve", "waiting"): "waiting",  # the first word of two
    ("reject", "declined"): "waiting",
    ("retry", "ready"): "rejected",
}
# Taken back once, a decision is not there to be taken back again.
_STANDING = """
select decisions.decision, decided_by, decided_at, decisions.reason, subject, system,
    object, record_id, customer_id, state
from decisions
join changes on change_id = subject
where decision_id in (select max(decision_id) from decisions group by subject)
    and not exists (
        select 1 from audit
        where audit.subject = decisions.subject and action = 'take back'
            and audit.at >= decided_at
    )
    and (decision <> 'approve' or expires_at > ?)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision that can be taken back still."""

    subject: str
    decision: str
    by: str
    at: datetime
    reason: str
    about: str
    customer_id: str | None


def standing(store: Store, at: datetime) -> list[Standing]:
    """Return the decisions on changes of which nothing came yet, the last one first."""
    return [
        Standing(
            row["subject"],
            row["decision"],
            row["decided_by"],
            datetime.fromisoformat(row["decided_at"]),
            row["reason"],
            f"{row['system']} {row['object']} {row['record_id'] or '(new)'}",
            row["customer_id"],
        )
        for row in store.rows(f"{_STANDING} order by decision_id desc", [text(at)])
        if (row["decision"], row["state"]) in _BACK
    ]


def take_back(
    store: Store, subjects: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Undo decisions: on changes that were not sent, and on breaks that were accepted.

    Args:
        store: The operations store.
        subjects: Ids of changes, or fingerprints of breaks.
        by: Who says so; not only whoever decided may.
        at: When.
        reason: Why, for the auditor.

    Raises:
        CannotDecideError: Name or reason is missing, or there is nothing to take back
            (any more); then nothing was.
    """
    Signature(by, at, reason).check()
    with store.transaction() as connection:
        for subject in sorted(subjects):
            if not _accepted(connection, subject, by, at, reason):
                _change(connection, subject, by, at, reason)


def _accepted(
    connection: sqlite3.Connection, subject: str, by: str, at: datetime, reason: str
) -> bool:
    """Open an accepted break again; false where there is none of that name."""
    row = connection.execute(
        "select 1 from exceptions where fingerprint = ? and closed_at is null"
        " and state = 'accepted'",
        [subject],
    ).fetchone()
    if row is None:
        return False
    append(connection, [Entry(by, ACTION, subject, {"reason": reason})], at)
    move(connection, subject, "open", at, by, reason=reason)
    advance(connection, at)
    return True


def _change(
    connection: sqlite3.Connection, subject: str, by: str, at: datetime, reason: str
) -> None:
    row = connection.execute(
        f"{_STANDING} and subject = ?", [text(at), subject]
    ).fetchone()
    if row is None:
        raise CannotDecideError(
            f"Nothing was decided of {subject}, or it was taken back already."
        )
    back = _BACK.get((row["decision"], row["state"]))
    if back is None:
        raise CannotDecideError(
            f"{row['decided_by']} said {row['decision']} of {subject}, which is "
            f"{row['state']} by now: what was sent is undone by `concord sync revert`."
        )
    # An approval that is over lets nothing out; its row stays.
    connection.execute(
        "update decisions set expires_at = ? where subject = ? and decision = 'approve'"
        " and expires_at > ?",
        [text(at), subject, text(at)],
    )
    connection.execute(
        "update changes set state = ?, why = ?, changed_at = ? where change_id = ?",
        [back, f"{by} took back {row['decision']}: {reason}", text(at), subject],
    )
    told = {
        "decision": row["decision"],
        "decided_by": row["decided_by"],
        "decided_at": row["decided_at"],
        "reason": reason,
    }
    append(connection, [Entry(by, ACTION, subject, told)], at)
    advance(connection, at)

"""Decisions: what people say about planned changes, with their name and reason.

A decision is about one content: the record, and each field's value there and value
to be. When either changes, it is another content and the decision says nothing of it.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from operations.audit import Entry, append
from operations.exceptions import close
from operations.store import Store, text


class CannotDecideError(Exception):
    """The decision is incomplete, or there is nothing left to decide."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that a person has to decide about."""

    change_id: str
    content_hash: str
    system: str
    object: str
    record_id: str | None
    customer_id: str | None
    fields: str  # JSON: each field with the value there and the value to be
    amount_minor: int | None
    currency: str | None
    reason: str
    state: str  # waiting for approval, held by a guard, or rejected by the system
    why: str | None
    since: datetime


def waiting(store: Store, *states: str) -> list[Waiting]:
    """Return what waits for approval (or is in the given states), oldest first."""
    wanted = states or ("waiting",)
    rows = store.rows(
        "select * from changes"
        f" where state in ({', '.join('?' * len(wanted))})"
        " order by created_at, change_id",
        wanted,
    )
    return [
        Waiting(
            change_id=row["change_id"],
            content_hash=row["content_hash"],
            system=row["system"],
            object=row["object"],
            record_id=row["record_id"],
            customer_id=row["customer_id"],
            fields=row["fields"],
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            reason=row["reason"],
            state=row["state"],
            why=row["why"],
            since=datetime.fromisoformat(row["changed_at"]),
        )
        for row in rows
    ]


def approve(
    store: Store, change_ids: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Let changes out that wait for approval, or that a limit held back.

    Raises:
        CannotDecideError: Name or reason is missing, or a change is not to be approved
            (any more); then none of them is.
    """
    _decide(
        store,
        change_ids,
        _Verdict("approve", "ready", "state = 'waiting' or hold = 'limit'"),
        _Signature(by, at, reason),
    )


def reject(
    store: Store,
    change_ids: Collection[str],
    by: str,
    at: datetime,
    reason: str,
    *,
    is_undecided: bool = False,
) -> None:
    """Decline changes that have not been sent; they are not planned again as they are.

    Args:
        store: The operations store.
        change_ids: Which changes.
        by: Who says so.
        at: When.
        reason: Why, for the auditor.
        is_undecided: Only if nobody has approved them since they were looked at.

    Raises:
        CannotDecideError: As for `approve`.
    """
    unsent = "state in ('waiting', 'held')"
    if not is_undecided:
        unsent = "state in ('waiting', 'held', 'ready')"
    _decide(
        store,
        change_ids,
        _Verdict("reject", "declined", unsent),
        _Signature(by, at, reason),
    )


def retry(
    store: Store, change_ids: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Try changes again that a system rejected, after its cause was removed.

    Raises:
        CannotDecideError: As for `approve`.
    """
    _decide(
        store,
        change_ids,
        _Verdict("retry", "ready", "state = 'rejected'"),
        _Signature(by, at, reason),
    )


def overwrite(  # a person's edit in a system yields to the golden record
    store: Store, fingerprints: Collection[str], by: str, at: datetime, reason: str
) -> None:
    """Let the golden value win over the edits that these exceptions report.

    The value there counts as seen: the next plan then writes over it. If it changes
    once more before that, it is a new edit and nothing is written.

    Raises:
        CannotDecideError: Name or reason is missing, or an exception is not open.
    """
    signature = _Signature(by, at, reason)
    signature.check()
    with store.transaction() as connection:
        for fingerprint in sorted(fingerprints):
            seen = connection.execute(
                "select"
                " detail ->> '$.system' as system,"
                " detail ->> '$.object' as object,"
                " detail ->> '$.record_id' as record_id,"
                " detail ->> '$.field' as field,"
                " detail ->> '$.theirs' as theirs"
                " from exceptions where fingerprint = ? and closed_at is null"
                " and kind in ('user_edit', 'conflict')",
                [fingerprint],
            ).fetchone()
            if seen is None:
                raise CannotDecideError(
                    f"There is no open edit {fingerprint} (any more)"
                    f"{_already(connection, fingerprint)}."
                )
            connection.execute(
                "insert or replace into base values (?, ?, ?, ?, ?, 1, null, ?)",
                [*tuple(seen), text(at)],
            )
            _record(
                connection, "overwrite", fingerprint, str(seen["theirs"]), signature
            )
        close(connection, fingerprints, at, f"{by} lets the golden value win: {reason}")


def is_approved(
    connection: sqlite3.Connection, change_id: str, content_hash: str
) -> bool:
    """Say whether a person approved exactly this content of this change."""
    row = connection.execute(
        "select 1 from decisions where subject = ? and content_hash = ?"
        " and decision = 'approve'",
        [change_id, content_hash],
    ).fetchone()
    return row is not None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A kind of decision: where it moves a change, and which changes it may move."""

    decision: str
    state: str
    allowed: str


@dataclass(frozen=True, slots=True)
class _Signature:
    """Who decided, when and why."""

    by: str
    at: datetime
    reason: str

    def check(self) -> None:
        """Refuse a decision without a name or a reason."""
        if not self.by.strip() or not self.reason.strip():
            raise CannotDecideError(
                "A decision needs a name and a reason: add --by NAME --reason '…'."
            )


def _decide(
    store: Store, change_ids: Iterable[str], verdict: _Verdict, signature: _Signature
) -> None:
    signature.check()
    with store.transaction() as connection:
        for change_id in sorted(change_ids):
            row = connection.execute(
                "select content_hash from changes"
                f" where change_id = ? and ({verdict.allowed})",
                [change_id],
            ).fetchone()
            if row is None:
                raise CannotDecideError(
                    f"Change {change_id} is not there to {verdict.decision} (any more)"
                    f"{_already(connection, change_id)}."
                )
            connection.execute(
                "update changes set state = ?, hold = null, why = ?, attempts = 0,"
                " changed_at = ? where change_id = ?",
                [
                    verdict.state,
                    f"{signature.by}: {signature.reason}",
                    text(signature.at),
                    change_id,
                ],
            )
            close(
                connection,
                [f"change:{change_id}"],
                signature.at,
                f"{verdict.decision} by {signature.by}",
            )
            _record(
                connection,
                verdict.decision,
                change_id,
                row["content_hash"],
                signature,
            )


def _already(connection: sqlite3.Connection, subject: str) -> str:
    """Say who decided last, and what: the second of two people is told."""
    row = connection.execute(
        "select decision, decided_by, decided_at, reason from decisions"
        " where subject = ? order by decision_id desc limit 1",
        [subject],
    ).fetchone()
    if row is None:
        return ""
    return (
        f": {row['decided_by']} said {row['decision']} at {row['decided_at'][:16]} UTC,"
        f" {row['reason']}"
    )


def _record(
    connection: sqlite3.Connection,
    decision: str,
    subject: str,
    content_hash: str,
    signature: _Signature,
) -> None:
    connection.execute(
        "insert into decisions"
        " (subject, content_hash, decision, decided_by, decided_at, reason)"
        " values (?, ?, ?, ?, ?, ?)",
        [
            subject,
            content_hash,
            decision,
            signature.by,
            text(signature.at),
            signature.reason,
        ],
    )
    entry = Entry(
        signature.by,
        decision,
        subject,
        {"content_hash": content_hash, "reason": signature.reason},
    )
    append(connection, [entry], signature.at)

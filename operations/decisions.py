"""Decisions: what people say about planned changes, with their name and reason.

A decision is about one content: the record, and each field's value there and value
to be. When either changes, it is another content and the decision says nothing of it.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from operations.audit import Entry, append
from operations.exceptions import close
from operations.lifecycle import advance
from operations.store import Store, text

# An approval that nobody used in a day was of a state that nobody knows any more.
APPROVAL_TERM = timedelta(hours=24)


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


def approve(  # who, when and why, and for how long it holds
    store: Store,
    change_ids: Collection[str],
    by: str,
    at: datetime,
    reason: str,
    *,
    lasts: timedelta = APPROVAL_TERM,
) -> None:
    """Let changes out that wait for approval, or that a limit held back.

    Where two people have to approve, the first one's word leaves the change waiting.

    Raises:
        CannotDecideError: Name or reason is missing, or a change is not to be approved
            (any more), or not by this person; then none of them is.
    """
    _decide(
        store,
        change_ids,
        _Verdict(
            "approve",
            "ready",
            "state = 'waiting' or hold in ('limit', 'ping_pong')",
            at + lasts,
        ),
        Signature(by, at, reason),
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
        Signature(by, at, reason),
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
        Signature(by, at, reason),
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
    signature = Signature(by, at, reason)
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
                connection,
                _Verdict("overwrite", "", ""),
                fingerprint,
                str(seen["theirs"]),
                signature,
            )
        why = f"{by} lets the golden value win: {reason}"
        close(connection, fingerprints, at, why, state="accepted")


def is_approved(
    connection: sqlite3.Connection, change_id: str, content_hash: str, at: datetime
) -> bool:
    """Say whether enough people approved exactly this content, and still do."""
    row = connection.execute(
        "select count(distinct lower(trim(decided_by))) >= max(people, 1)"
        " from changes join decisions on subject = change_id"
        " and decisions.content_hash = ?2 and decision = 'approve' and expires_at > ?3"
        " where change_id = ?1 group by change_id",
        [change_id, content_hash, text(at)],
    ).fetchone()
    return row is not None and bool(row[0])


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A kind of decision: where it moves a change, and which changes it may move."""

    decision: str
    state: str
    allowed: str
    expires_at: datetime | None = None  # of an approval


@dataclass(frozen=True, slots=True)
class Signature:
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
    store: Store, change_ids: Iterable[str], verdict: _Verdict, signature: Signature
) -> None:
    signature.check()
    with store.transaction() as connection:
        for change_id in sorted(change_ids):
            row = connection.execute(
                "select content_hash, people, author from changes"
                " left join plan_documents using (plan_id)"
                f" where change_id = ? and ({verdict.allowed})",
                [change_id],
            ).fetchone()
            if row is None:
                raise CannotDecideError(
                    f"Change {change_id} is not there to {verdict.decision} (any more)"
                    f"{_already(connection, change_id)}."
                )
            if verdict.expires_at and _same(row["author"], signature.by):
                raise CannotDecideError(
                    f"{signature.by} asked for change {change_id}: somebody else has to"
                    " approve it."
                )
            if verdict.expires_at and _overwrote(connection, change_id, signature.by):
                raise CannotDecideError(
                    f"{signature.by} let the golden value win in change {change_id}: "
                    "somebody else has to approve it."
                )
            _record(connection, verdict, change_id, row["content_hash"], signature)
            enough = not verdict.expires_at or is_approved(
                connection, change_id, row["content_hash"], signature.at
            )
            _move(connection, verdict, change_id, signature, enough=enough)


# Whoever decided that an edit yields asked for the change that writes over it. Their
# word stands in the base until the record is known to hold something else.
_OVERWROTE = """
select decided_by
from changes, json_each(changes.fields) as planned
join base
    on base.system = changes.system and base.object = changes.object
    and base.record_id = changes.record_id
    and base.field = planned.value ->> '$.field'
join decisions on decisions.decision = 'overwrite' and decided_at = base.at
join exceptions on fingerprint = decisions.subject
    and exceptions.detail ->> '$.system' = base.system
    and exceptions.detail ->> '$.object' = base.object
    and exceptions.detail ->> '$.record_id' = base.record_id
    and exceptions.detail ->> '$.field' = base.field
where changes.change_id = ?
"""


def _overwrote(connection: sqlite3.Connection, change_id: str, by: str) -> bool:
    """Say whether this person let the golden value win in a field of the change."""
    rows = connection.execute(_OVERWROTE, [change_id]).fetchall()
    return any(_same(row["decided_by"], by) for row in rows)


def _same(one: str | None, other: str) -> bool:
    """Say whether two names are of one person."""
    return one is not None and one.strip().lower() == other.strip().lower()


def _move(
    connection: sqlite3.Connection,
    verdict: _Verdict,
    change_id: str,
    signature: Signature,
    *,
    enough: bool,
) -> None:
    """Move the change to where the decision wants it, if enough people took it."""
    said = f"{signature.by}: {signature.reason}"
    if not enough:
        connection.execute(
            "update changes set why = ?, changed_at = ? where change_id = ?",
            [f"{said}; a second person has to approve", text(signature.at), change_id],
        )
        return
    connection.execute(
        "update changes set state = ?, hold = null, why = ?, attempts = 0,"
        " changed_at = ? where change_id = ?",
        [verdict.state, said, text(signature.at), change_id],
    )
    close(
        connection,
        [f"change:{change_id}"],
        signature.at,
        f"{verdict.decision} by {signature.by}",
        state="accepted",
    )
    advance(connection, signature.at)


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
        f" {row['reason']}; if that was wrong, take it back before it is sent"
    )


def _record(
    connection: sqlite3.Connection,
    verdict: _Verdict,
    subject: str,
    content_hash: str,
    signature: Signature,
) -> None:
    expires = verdict.expires_at
    connection.execute(
        "insert into decisions (subject, content_hash, decision, decided_by,"
        " decided_at, reason, expires_at) values (?, ?, ?, ?, ?, ?, ?)",
        [
            subject,
            content_hash,
            verdict.decision,
            signature.by,
            text(signature.at),
            signature.reason,
            text(expires) if expires else None,
        ],
    )
    entry = Entry(
        signature.by,
        verdict.decision,
        subject,
        {"content_hash": content_hash, "reason": signature.reason},
    )
    append(connection, [entry], signature.at)

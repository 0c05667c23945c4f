"""Assignments: who looks after an open item, and until when it may rest.

Both stand in the audit chain, as comments do, and the last word on an item holds. Rest
is granted to the evidence that was seen: when what differs changes, the item is awake.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from operations.audit import Entry, append
from operations.exceptions import Break, open_exceptions
from operations.lifecycle import acknowledge
from operations.store import Store

_ASSIGN, _SNOOZE, _WAKE = "assign", "snooze", "wake"


class CannotAssignError(Exception):
    """The item is not open, somebody else has it by now, or a word is missing."""


@dataclass(frozen=True, slots=True)
class Handling:
    """What was said of one item last."""

    assignee: str = ""
    assigned_by: str = ""
    until: date | None = None
    evidence: str = ""  # what differed when it was put to rest

    def is_resting(self, broken: Break, today: date) -> bool:
        """Say whether the item may be left alone today, as it is now."""
        return (
            self.until is not None
            and today < self.until
            and self.evidence == evidence_of(broken)
        )


def evidence_of(broken: Break) -> str:
    """Return a digest of what differs, which is another one once that changes."""
    seen = [broken.difference_minor, broken.currency, dict(broken.detail)]
    written = json.dumps(seen, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def handling(store: Store) -> Mapping[str, Handling]:
    """Return what was said last of each item that anything was said of."""
    found: dict[str, Handling] = {}
    for row in store.rows(
        "select actor, action, subject, detail from audit where action in (?, ?, ?)"
        " order by seq",
        [_ASSIGN, _SNOOZE, _WAKE],
    ):
        said = json.loads(row["detail"])
        before = found.get(row["subject"], Handling())
        if row["action"] == _WAKE:
            found[row["subject"]] = replace(before, until=None, evidence="")
            continue
        found[row["subject"]] = (
            replace(before, assignee=said["to"], assigned_by=row["actor"])
            if row["action"] == _ASSIGN
            else replace(
                before,
                until=date.fromisoformat(said["until"]),
                evidence=said["evidence"],
            )
        )
    return found


def assign(
    store: Store, fingerprint: str, to: str, by: str, at: datetime, *, seen: str
) -> None:
    """Give an item to somebody, or with an empty name to nobody.

    Args:
        store: The operations store.
        fingerprint: Which item.
        to: Who is to look after it.
        by: Who says so.
        at: When.
        seen: Who had it when that was decided; empty for nobody.

    Raises:
        CannotAssignError: It is not open (any more), somebody took it meanwhile, or
            nobody says so.
    """
    if not by.strip():
        raise CannotAssignError("Say who hands it over: --by NAME.")
    with store.transaction() as connection:
        _still_open(store, fingerprint)
        now = handling(store).get(fingerprint, Handling())
        if now.assignee != seen:
            holder = now.assignee or "nobody"
            raise CannotAssignError(
                f"{now.assigned_by} gave {fingerprint} to {holder} meanwhile: look at "
                "it again."
            )
        append(connection, [Entry(by, _ASSIGN, fingerprint, {"to": to.strip()})], at)
        if to.strip():
            acknowledge(connection, fingerprint, at)


def snooze(
    store: Store, fingerprint: str, by: str, at: datetime, reason: str, *, until: date
) -> None:
    """Let an item rest until a day, or until what differs changes.

    Raises:
        CannotAssignError: It is not open (any more), the day has come, or name or
            reason is missing.
    """
    if not by.strip() or not reason.strip():
        raise CannotAssignError(
            "Letting an item rest needs a name and a reason: --by NAME --reason '…'."
        )
    if until <= at.date():
        raise CannotAssignError(f"{until} is not a day to come.")
    with store.transaction() as connection:
        broken = _still_open(store, fingerprint)
        detail = {
            "until": until.isoformat(),
            "reason": reason,
            "evidence": evidence_of(broken),
        }
        append(connection, [Entry(by, _SNOOZE, fingerprint, detail)], at)


def wake(store: Store, fingerprint: str, by: str, at: datetime) -> None:
    """Let an item that rests be looked at again.

    Raises:
        CannotAssignError: It does not rest (any more), or nobody says so.
    """
    if not by.strip():
        raise CannotAssignError("Say who wakes it: --by NAME.")
    with store.transaction() as connection:
        broken = _still_open(store, fingerprint)
        if (
            not handling(store)
            .get(fingerprint, Handling())
            .is_resting(broken, at.date())
        ):
            raise CannotAssignError(f"{fingerprint} does not rest (any more).")
        append(connection, [Entry(by, _WAKE, fingerprint)], at)


def _still_open(store: Store, fingerprint: str) -> Break:
    """Return an open item.

    Raises:
        CannotAssignError: there is none (any more).
    """
    for each in open_exceptions(store):
        if each.broken.fingerprint == fingerprint:
            return each.broken
    raise CannotAssignError(f"There is no open item {fingerprint} (any more).")

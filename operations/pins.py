"""Pins: what people say of two records: that they are one customer, or two.

A pin outweighs every system and every model until somebody withdraws it. Two pins that
cannot both be right are refused when the second is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from operations.audit import Entry, append
from operations.store import Store, text

Kind = Literal["same", "different"]


class CannotPinError(Exception):
    """The pin is incomplete, contradicts others, or there is none to withdraw."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A pin that stands: the lesser record key is the left one."""

    pin_id: int
    kind: Kind
    left_key: str
    right_key: str
    pinned_by: str
    pinned_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who says it, when and why."""

    by: str
    at: datetime
    reason: str

    def check(self) -> None:
        """Refuse what has no name or no reason.

        Raises:
            CannotPinError: one of them is missing.
        """
        if not self.by.strip() or not self.reason.strip():
            raise CannotPinError(
                "A pin needs a name and a reason: --by NAME --reason '…'."
            )


def pins(store: Store, entity: str) -> list[Pinned]:
    """Return the pins that stand, oldest first."""
    rows = store.rows(
        "select * from identity_pins where entity = ? and withdrawn_at is null"
        " order by pin_id",
        [entity],
    )
    return [
        Pinned(
            row["pin_id"],
            row["kind"],
            row["left_key"],
            row["right_key"],
            row["pinned_by"],
            datetime.fromisoformat(row["pinned_at"]),
            row["reason"],
        )
        for row in rows
    ]


def pin(
    store: Store,
    entity: str,
    kind: Kind,
    records: tuple[str, str],
    signed: Signature,
) -> Pinned:
    """Say of two records that they are one, or that they are two.

    Raises:
        CannotPinError: Name or reason is missing, it is one record, or other pins say
            the contrary; then nothing was changed.
    """
    signed.check()
    left, right = sorted(records)
    if left == right:
        raise CannotPinError(f"{left} is one record: name two of them.")
    with store.transaction() as connection:
        # Read inside: of two people who pin one pair at once, the second is told.
        _consistent(pins(store, entity), kind, left, right)
        cursor = connection.execute(
            "insert into identity_pins"
            " (entity, kind, left_key, right_key, pinned_by, pinned_at, reason)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            [entity, kind, left, right, signed.by, text(signed.at), signed.reason],
        )
        told = {"kind": kind, "reason": signed.reason}
        entry = Entry(signed.by, "identity_pin", f"{left} {right}", told)
        append(connection, [entry], signed.at)
    number = int(cursor.lastrowid or 0)
    return Pinned(number, kind, left, right, signed.by, signed.at, signed.reason)


def unpin(
    store: Store,
    entity: str,
    records: tuple[str, str],
    signed: Signature,
) -> None:
    """Withdraw what was said of two records.

    Raises:
        CannotPinError: Name or reason is missing, or nothing was said.
    """
    signed.check()
    left, right = sorted(records)
    with store.transaction() as connection:
        cursor = connection.execute(
            "update identity_pins"
            " set withdrawn_by = ?, withdrawn_at = ?, withdrawn_reason = ?"
            " where entity = ? and left_key = ? and right_key = ?"
            " and withdrawn_at is null",
            [signed.by, text(signed.at), signed.reason, entity, left, right],
        )
        if not cursor.rowcount:
            raise CannotPinError(f"There is no pin between {left} and {right}.")
        told = {"reason": signed.reason}
        entry = Entry(signed.by, "identity_unpin", f"{left} {right}", told)
        append(connection, [entry], signed.at)


def _consistent(standing: Iterable[Pinned], kind: Kind, left: str, right: str) -> None:
    """Refuse a pin that with the others says of two records both that and the contrary.

    Raises:
        CannotPinError: naming the two records.
    """
    known = list(standing)
    for each in known:
        if (each.left_key, each.right_key) == (left, right):
            raise CannotPinError(
                f"{left} and {right} are pinned as {each.kind} by {each.pinned_by}: "
                "withdraw that first (concord identity unpin)."
            )
    same = [(each.left_key, each.right_key) for each in known if each.kind == "same"]
    apart = [
        (each.left_key, each.right_key) for each in known if each.kind == "different"
    ]
    (same if kind == "same" else apart).append((left, right))
    leader = _leaders(same)
    for one, other in apart:
        if leader.get(one, one) == leader.get(other, other):
            raise CannotPinError(
                f"{one} and {other} would be pinned as one customer and as two: "
                "withdraw one of the pins between them first (concord identity unpin)."
            )


def _leaders(same: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each record that is pinned as same one that stands for its group."""
    groups: dict[str, set[str]] = {}
    for left, right in same:
        together = groups.get(left, {left}) | groups.get(right, {right})
        for key in together:
            groups[key] = together
    return {key: min(group) for key, group in groups.items()}

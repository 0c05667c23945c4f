"""Settle: the next ingestion, another way of reading, has the last word."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reverse_etl.change import Change
from reverse_etl.contract import Contract, Entity, Receiver
from reverse_etl.ledger import Ledger, Row
from reverse_etl.mirror import Mirror, opened
from reverse_etl.steps import Step, diverged, take_steps

# Zendesk's export leaves out the last minute, and a load begins before it ends: a
# record may be seen as it was for so long after we wrote it.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many confirmed changes ingestion saw, saw otherwise, or has not seen yet."""

    settled: int
    diverged: int
    unseen: int


def settle(
    ledger: Ledger,
    warehouse: Path,
    contract: Contract,
    at: datetime,
    *,
    patience: timedelta = PATIENCE,
) -> Settled:
    """Compare confirmed changes with the warehouse, after a load and its models."""
    rows = ledger.rows(("confirmed",))
    with opened(warehouse) as mirror:
        seen = Seen(mirror, contract, [row.change for row in rows])
        judged = [_judge(row, seen.values(row.change), at - patience) for row in rows]
    steps = [step for step in judged if step]
    with ledger.store.transaction() as connection:
        take_steps(connection, steps, "settle", at)
    count = sum(step.state == "settled" for step in steps)
    return Settled(count, len(steps) - count, len(rows) - len(steps))


def _judge(
    row: Row, there: dict[str, str | None] | None, until: datetime
) -> Step | None:
    """Return the step that follows from what ingestion saw, None: wait for the next."""
    change = row.change
    if there == change.values:
        return Step(change, "settled")
    old = {field.field: field.theirs for field in change.fields}
    lags = there is None or all(
        there[name] in (old[name], change.values[name]) for name in old
    )
    if lags and row.changed_at > until:
        return None
    return diverged(change, str(change.record_id), there or {})


class Seen:
    """What ingestion last saw of the records of some changes."""

    def __init__(
        self, mirror: Mirror, contract: Contract, changes: Sequence[Change]
    ) -> None:
        """Look at the records of these changes."""
        self._values: dict[tuple[str, str, str], dict[str, str | None]] = defaultdict(
            dict
        )
        self._made: set[tuple[str, str, str]] = set()
        for entity in contract.entities:
            for receiver in entity.receivers:
                at = (receiver.system, receiver.object)
                here = [c for c in changes if (c.system, c.object) == at]
                if here:
                    self._look(mirror, entity, receiver, here)

    def _look(
        self,
        mirror: Mirror,
        entity: Entity,
        receiver: Receiver,
        changes: Sequence[Change],
    ) -> None:
        at = (receiver.system, receiver.object)
        if receiver.create:
            keys = {str(change.external_key) for change in changes}
            made = mirror.made(entity, receiver, receiver.create, keys)
            self._made |= {(*at, key) for key in made}
            return
        ids = {str(change.record_id) for change in changes}
        for field, there in entity.pushed(receiver):
            for record_id, value in mirror.values(receiver, field, ids).items():
                self._values[(*at, record_id)][there] = value

    def values(self, change: Change) -> dict[str, str | None] | None:
        """Return the change's fields as ingestion saw them, None: no such record."""
        at = (change.system, change.object)
        if change.action == "create":
            made = (*at, str(change.external_key)) in self._made
            return change.values if made else None
        values = self._values.get((*at, str(change.record_id)))
        if values is None:
            return None
        return {name: values.get(name) for name in change.values}

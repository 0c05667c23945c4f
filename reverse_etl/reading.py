"""Reading: what the systems hold now for changes, and how it compares with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ingestion.errors import Conflict, Rejected, SystemFault
from reverse_etl.change import Change
from reverse_etl.destinations import GONE, Destination, Held
from reverse_etl.ledger import Row

_T = TypeVar("_T")

# What a destination runs into when a system answers in another shape than it documents.
# One odd record must not keep the others, or the other systems, from being written.
NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError)


def not_understood(error: BaseException) -> str:
    """Say that an answer has an unexpected shape."""
    return f"its answer was not understood ({type(error).__name__}: {error})"


@dataclass(frozen=True, slots=True)
class Looked:
    """A change whose record is as it was planned on, and that look's version of it."""

    row: Row
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a look settles of a batch, and what is still as planned."""

    untouched: list[Looked]
    confirmed: list[tuple[Row, str]]
    conflicts: list[tuple[Row, str]]
    others: list[tuple[Row, str, Mapping[str, str | None]]]  # made, but otherwise
    rejected: list[tuple[Row, SystemFault]]


@dataclass(frozen=True, slots=True)
class Found:
    """What reading a batch brought: the records, and the faults of single ones."""

    held: Mapping[str, Held]
    faults: Mapping[str, SystemFault]


def read(destination: Destination, rows: Sequence[Row]) -> Found:
    """Read all of them; a call that fails for one record's sake is halved.

    Raises:
        SystemFault: The system is away or refuses us.
    """
    try:
        return Found(destination.read([row.change for row in rows]), {})
    except (Rejected, Conflict) as fault:
        if len(rows) == 1:
            return Found({}, {rows[0].change.change_id: fault})
    except NOT_UNDERSTOOD as error:
        if len(rows) == 1:
            change = rows[0].change
            odd = Rejected(
                destination.system,
                not_understood(error),
                "look at the record there",
                object=change.object,
                record_id=change.target,
            )
            return Found({}, {change.change_id: odd})
    first, second = halves(rows)
    one, other = read(destination, first), read(destination, second)
    return Found({**one.held, **other.held}, {**one.faults, **other.faults})


def sort_out(batch: Sequence[Row], found: Found) -> Sorted:
    """Compare what was read with what the plan saw, and with what it wants."""
    told = Sorted([], [], [], [], [])
    for row in batch:
        change = row.change
        held = found.held.get(change.change_id)
        if fault := found.faults.get(change.change_id):
            told.rejected.append((row, fault))
        elif held is None and change.action == "create":
            told.untouched.append(Looked(row))
        elif held is None:
            told.conflicts.append((row, GONE))
        elif holds(change, held):
            told.confirmed.append((row, held.record_id))
        elif change.action == "create":
            told.others.append((row, held.record_id, held.fields))
        elif why := moved(change, held):
            told.conflicts.append((row, why))
        else:
            told.untouched.append(Looked(row, held.version))
    return told


def halves(rows: Sequence[_T]) -> tuple[Sequence[_T], Sequence[_T]]:
    """Cut in two."""
    middle = len(rows) // 2
    return rows[:middle], rows[middle:]


def batches(rows: Sequence[Row], size: int) -> Iterator[list[Row]]:
    """Group changes of one object and one action, never the same record twice."""
    while rows:
        batch: list[Row] = []
        later: list[Row] = []
        targets: set[str] = set()
        first = rows[0].change
        for row in rows:
            fits = (
                (row.change.object, row.change.action) == (first.object, first.action)
                and row.change.target not in targets
                and len(batch) < size
            )
            (batch if fits else later).append(row)
            targets.add(row.change.target)
        yield batch
        rows = later


def holds(change: Change, held: Held) -> bool:
    """Say whether the record holds every value that the change wants."""
    return all(held.fields.get(name) == ours for name, ours in change.values.items())


def moved(change: Change, held: Held) -> str | None:
    """Say what changed there after the plan, None when nothing did."""
    for field in change.fields:
        there = held.fields.get(field.field)
        if there not in (field.theirs, field.ours):
            return f"{field.field} holds {there!r} and no longer {field.theirs!r}"
    return None

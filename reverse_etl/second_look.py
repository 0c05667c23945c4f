"""Second look: read written records again, and write down what they hold."""

from collections.abc import Mapping, Sequence

from ingestion.errors import SystemFault, Transient
from reverse_etl.destinations import Destination, Remembers
from reverse_etl.ledger import Row
from reverse_etl.reading import NOT_UNDERSTOOD, holds, not_understood, read
from reverse_etl.runner import Edits, Runner


def look_again(
    runner: Runner, destination: Destination, batch: Sequence[Row]
) -> list[SystemFault]:
    """Settle what could be read; what could not stays acknowledged, for its fault."""
    found = read(destination, batch)
    confirmed: list[tuple[Row, str]] = []
    diverged: list[tuple[Row, str, Mapping[str, str | None]]] = []
    for row in batch:
        held = found.held.get(row.change.change_id)
        if row.change.change_id in found.faults:
            continue
        if held is None:
            diverged.append((row, str(row.change.record_id), {}))
        elif holds(row.change, held):
            confirmed.append((row, held.record_id))
        else:
            diverged.append((row, held.record_id, held.fields))
    edits = overwritten(destination, [row for row, _ in confirmed])
    runner.confirm(confirmed, "it was read back", edits)
    runner.diverge(diverged)
    return list(found.faults.values())


def overwritten(destination: Destination, rows: Sequence[Row]) -> Edits:
    """Return the values, by change and field, that were typed before ours came.

    They came after our last look, where the vendor compares nothing while it writes but
    remembers what a field held before: a person is asked whether the edit stands.

    Raises:
        SystemFault: The system cannot tell now.
    """
    updates = [row.change for row in rows if row.change.action == "update"]
    if not (updates and isinstance(destination, Remembers)):
        return {}
    try:
        replaced = destination.replaced(updates)
    except NOT_UNDERSTOOD as error:
        raise Transient(destination.system, not_understood(error)) from error
    found = {}
    for change in updates:
        before = replaced.get(change.change_id, {})
        edits = {
            field.field: before[field.field]
            for field in change.fields
            if field.field in before and before[field.field] != field.theirs
        }
        if edits:
            found[change.change_id] = edits
    return found

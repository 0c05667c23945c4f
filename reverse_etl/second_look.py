"""Second look: read written records again, and write down what they hold."""

from collections.abc import Mapping, Sequence

from ingestion.errors import SystemFault
from reverse_etl.destinations import Destination
from reverse_etl.ledger import Row
from reverse_etl.reading import holds, read
from reverse_etl.runner import Runner


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
    runner.confirm(confirmed, "it was read back")
    runner.diverge(diverged)
    return list(found.faults.values())

"""Read back: look at each written record again, and say whether it holds the values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.errors import SystemFault
from reverse_etl.destinations import Destination
from reverse_etl.ledger import Ledger, Row
from reverse_etl.push import LEASE_TERM
from reverse_etl.reading import batches, holds, read
from reverse_etl.runner import Runner


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How many written records hold the values, and who could not be read."""

    confirmed: int
    diverged: int
    unread: Mapping[str, SystemFault]  # systems that were not there; read next time


def read_back(
    ledger: Ledger,
    destinations: Mapping[str, Destination],
    clock: Callable[[], datetime],
    *,
    term: timedelta = LEASE_TERM,
) -> ReadBack:
    """Read every acknowledged change's record: confirmed, or diverged.

    Raises:
        LeaseHeldError: A push is under way.
    """
    runner = Runner.start(ledger.store, clock, term)
    unread: dict[str, SystemFault] = {}
    try:
        acknowledged = ledger.rows(("acknowledged",))
        systems = {row.change.system for row in acknowledged}
        for system in sorted(systems & destinations.keys()):
            rows = [row for row in acknowledged if row.change.system == system]
            try:
                for batch in batches(rows, destinations[system].caps.read_size):
                    for fault in _compare(runner, destinations[system], batch):
                        unread[system] = fault
            except SystemFault as fault:
                unread[system] = fault
    finally:
        runner.stop()
    outcomes = list(runner.outcomes.values())
    return ReadBack(outcomes.count("confirmed"), outcomes.count("diverged"), unread)


def _compare(
    runner: Runner, destination: Destination, batch: list[Row]
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

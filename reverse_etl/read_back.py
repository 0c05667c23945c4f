"""Read back: look at each written record again, and say whether it holds the values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.errors import SystemFault
from reverse_etl.destinations import Destination
from reverse_etl.ledger import Ledger
from reverse_etl.push import LEASE_TERM
from reverse_etl.reading import batches
from reverse_etl.runner import Runner
from reverse_etl.second_look import look_again


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
                    for fault in look_again(runner, destinations[system], batch):
                        unread[system] = fault
            except SystemFault as fault:
                unread[system] = fault
    finally:
        runner.stop()
    outcomes = list(runner.outcomes.values())
    return ReadBack(outcomes.count("confirmed"), outcomes.count("diverged"), unread)

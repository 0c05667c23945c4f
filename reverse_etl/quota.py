"""Quota: how many changes a system's daily calls leave to us, and others enough."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from ingestion.transport.budget import Limits
from operations.store import text
from reverse_etl.destinations import Caps
from reverse_etl.forecast import calls_of_a_day, calls_of_one
from reverse_etl.ledger import Ledger

# A system's day of calls is its last 24 hours.
_DAY = timedelta(hours=24)


def room(
    ledger: Ledger,
    caps: Mapping[str, Caps],
    limits: Mapping[str, Limits],
    share: Fraction,
    at: datetime,
) -> dict[str, int]:
    """Return how many more changes may be sent now, by system.

    What was sent in the last 24 hours is taken off. A system that does not count the
    calls of a day is not among them.
    """
    sent = {
        row["system"]: row["count"]
        for row in ledger.store.rows(
            "select system, count(*) as count from changes where sent_at > ?"
            " group by system",
            [text(at - _DAY)],
        )
    }
    return {
        system: max(0, int(share * calls / calls_of_one(size)) - sent.get(system, 0))
        for system, size in caps.items()
        if (calls := calls_of_a_day(limits.get(system))) is not None
    }

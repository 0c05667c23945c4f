"""Walking: a vendor's readings followed in memory, for tests of what they ask."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ingestion.raw.typed import typed
from ingestion.readings import Arrival, Batch, Known, Reading, Step
from ingestion.streams import Stream
from ingestion.transport.rest import Rest


def walked(
    vendor: Any, rest: Rest, since: Mapping[str, datetime] | None = None
) -> list[Arrival]:
    """Return all that a load brings, after one that stood at `since`."""
    known = Known(datetime.now(UTC), since or {}, since or {})
    return [
        arrival
        for reading in vendor.readings(known)
        for arrival in followed(reading, rest, since)
    ]


def followed(
    reading: Reading, rest: Rest, since: Mapping[str, datetime] | None = None
) -> list[Arrival]:
    """Return all that one reading brings."""
    starts = [(since or {}).get(name) for name in reading.fills]
    known = [start for start in starts if start is not None]
    step = Step(rest, since=min(known) if len(known) == len(starts) else None)
    arrived: list[Arrival] = []
    while True:
        page = reading.fetch(step)
        arrived += page.arrivals
        if page.next is None:
            return arrived
        step = Step(rest, page.next, step.since, began=rest.read_at)


def rows(
    system: str, stream: Stream, arrived: Iterable[Arrival]
) -> list[dict[str, Any]]:
    """Return the rows of a stream; raise the fault of a document that is unfit."""
    found: list[dict[str, Any]] = []
    for each in arrived:
        if isinstance(each, Batch) and each.stream == stream.name:
            table, unfit = typed(system, stream, each)
            for one in unfit:
                raise one.fault
            found += table.to_pylist()
    return found

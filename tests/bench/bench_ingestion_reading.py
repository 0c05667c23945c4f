"""Reading: what each part of the way of a page into the spool takes, by itself."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.declared import declared
from ingestion.raw.spool import Spool, Walk, rows_part
from ingestion.raw.typed import as_text, typed
from ingestion.readings import Batch
from ingestion.transport.documents import document
from tests.bench.bench_ingestion_pages import PAGE, Vendor
from tests.bench.bench_ingestion_paths import VENDOR
from tests.bench.report import Figure, told

_PAGES = 20


def measured(folder: Path) -> Iterator[Figure]:
    """Yield the processor time that a row takes in each part."""
    now = datetime.now(UTC).replace(microsecond=0)
    vendor = Vendor(_PAGES * PAGE, now)
    [stream] = declared(VENDOR, "paged.yml").STREAMS
    bodies = [vendor.answer(number, None) for number in range(_PAGES)]
    yield _took("JSON, exactly", document, bodies)
    # One page at a time is in memory, as in a walk: many would be counted again and
    # again by the collector of garbage.
    batch = Batch(stream.name, document(bodies[-1])["data"])
    batches = [batch] * _PAGES
    yield _took("typed rows", lambda one: typed("paged", stream, one), batches)
    texts = [batch.documents] * _PAGES
    yield _took("of that, the record's text", lambda one: [*map(as_text, one)], texts)
    part = rows_part(stream.name, typed("paged", stream, batch)[0])
    with Spool(folder / "spool.sqlite") as spool:
        spool.begin({"invoices": "all"}, now)
        places = [Walk(now, str(number), None, number) for number in range(_PAGES)]
        yield _took(
            "spool", lambda place: spool.keep("invoices", place, [part]), places
        )


def _took(name: str, work: Callable[[Any], object], given: Sequence[Any]) -> Figure:
    work(given[0])  # the first time is not like the others
    began = time.process_time()
    for each in given[1:]:
        work(each)
    spent = (time.process_time() - began) / (len(given) - 1) / PAGE * 1e6
    size = f"{(len(given) - 1) * PAGE:,} rows"
    return told(f"reading: processor a row, {name}", size, spent, "us")

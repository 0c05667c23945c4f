"""Replay: the raw records again, from the warehouse instead of the vendor.

The typed columns are made anew from the records as the vendor sent them, under the
columns of today; and what is in quarantine is tried once more.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from ingestion.raw.spool import Part, Spool, Walk
from ingestion.raw.walk import parts
from ingestion.readings import Batch
from ingestion.streams import Stream
from ingestion.systems import System
from operations.quarantine import Held

_ROWS = 5_000


def replay(
    connection: duckdb.DuckDBPyConnection,
    system: System,
    stream: Stream,
    spool: Spool,
    quarantined: list[Held],
    *,
    day: date | None,
) -> None:
    """Put a stream's records into the spool, as if the vendor had sent them again.

    Args:
        connection: the warehouse.
        system: whose records they are.
        stream: the raw table.
        spool: takes them.
        quarantined: the stream's records that fitted nowhere; their documents are
            tried, too.
        day: only the records that were loaded on that day (UTC); None: all.
    """
    pages = 0
    for batch in (
        *_stored(connection, system, stream, day),
        *_held(stream, quarantined),
    ):
        pages += 1
        found: list[Part] = parts(system.name, {stream.name: stream}, [batch])
        spool.keep(stream.name, Walk(datetime.now(UTC), pages, None, pages), found)
    over = Walk(datetime.now(UTC), None, None, pages, is_over=True)
    spool.keep(stream.name, over, [])


def _stored(
    connection: duckdb.DuckDBPyConnection,
    system: System,
    stream: Stream,
    day: date | None,
) -> Iterator[Batch]:
    """Yield the records that are alive; a tombstone stays what it is."""
    given = {
        column.path[1:]: column.name
        for column in stream.columns
        if isinstance(column.path, str) and column.path.startswith("@")
    }
    columns = "".join(f', "{name}"' for name in given.values())
    where = "not is_deleted"
    if day is not None:
        where += (
            f" and _dlt_load_id in (select load_id from {system.schema}._dlt_loads"
            f" where inserted_at::date = date '{day.isoformat()}')"
        )
    last = ""
    while True:
        rows = connection.execute(
            f'select id, record{columns} from "{system.schema}"."{stream.name}"'
            f" where {where} and id > ? order by id limit {_ROWS}",
            [last],
        ).fetchall()
        if not rows:
            return
        together: dict[str, list[Any]] = defaultdict(list)
        for _, record, *values in rows:
            known = dict(zip(given, values, strict=True))
            together[json.dumps(known)].append(_document(record))
        for known_json, documents in together.items():
            yield Batch(stream.name, documents, json.loads(known_json))
        last = rows[-1][0]


def _held(stream: Stream, quarantined: list[Held]) -> Iterator[Batch]:
    for each in quarantined:
        given: Mapping[str, Any] = _document(each.letter.given)
        yield Batch(stream.name, [_document(each.letter.document)], given)


def _document(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)

"""Spool: the pages of a system's walks, each kept before the next one is asked for.

One SQLite file per system, beside the warehouse. What a killed process left in it is
taken up by the next one; after a completed load it is removed.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
import pyarrow as pa

from ingestion.readings import Place
from ingestion.streams import Stream

# An older walk begins anew: cursors and locators of vendors live for hours or days
# (Salesforce: locators two days; Chargebee and Zendesk do not say).
OLDEST = timedelta(hours=12)
# Packed, a page of records takes a quarter of the room, and less time than to write it
# as it is (0.9 us a row, measured; zstd takes twice as long).
_PACKED = "lz4"

_TABLES = """
create table walks (
    reading text primary key,
    asks text not null,
    made_at text not null,
    began text,
    place text,
    total integer,
    pages integer not null,
    is_over integer not null
) strict;
create table places (
    reading text not null,
    place text not null,
    primary key (reading, place)
) strict, without rowid;
create table parts (
    seq integer primary key,
    reading text not null,
    stream text not null,
    kind text not null,
    number integer not null,
    body blob not null
) strict;
create index parts_by_stream on parts (stream, kind, seq);
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk has come; `place` is where the next step begins."""

    began: datetime | None = None
    place: Place | None = None
    total: int | None = None
    pages: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a page brought; `kind` says what the body holds."""

    stream: str
    kind: str
    number: int
    body: bytes


class Spool:
    """The file of one system's walks, held by one process at a time.

    The walks of a system keep their pages in it from several threads.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; its folder is made where it is not there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.RLock()
        try:
            self._open()
        except sqlite3.DatabaseError:  # the machine stopped while it was written
            self.remove()
            self._open()

    def _open(self) -> None:
        self._connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False
        )
        run = self._connection.execute
        run("pragma journal_mode = wal")
        run("pragma synchronous = normal")  # a lost page is read again
        if not run("select count(*) from sqlite_master").fetchone()[0]:
            self._connection.executescript(_TABLES)

    def begin(
        self,
        readings: Mapping[str, str],
        now: datetime,
        no_older_than: Mapping[str, datetime] | None = None,
    ) -> None:
        """Take up the walks that still ask the same, and begin the others.

        Args:
            readings: what each reading asks, by its name; all other walks are
                forgotten, and those of these that ask otherwise or are old.
            now: our time.
            no_older_than: walks that began before are old, too.
        """
        run = self._connection.execute
        for name, asks, made_at in run(
            "select reading, asks, made_at from walks"
        ).fetchall():
            made = datetime.fromisoformat(made_at)
            oldest = max(now - OLDEST, (no_older_than or {}).get(name, now - OLDEST))
            if readings.get(name) != asks or not oldest < made <= now:
                self.forget(name)
        for name, asks in readings.items():
            run(
                "insert or ignore into walks (reading, asks, made_at, pages, is_over)"
                " values (?, ?, ?, 0, false)",
                [name, asks, now.isoformat()],
            )

    def is_empty(self) -> bool:
        """Tell whether no walk is left."""
        return self._first("select 1 from walks limit 1", []) is None

    def remove(self) -> None:
        """Delete the file: what it held is loaded, or of no use."""
        self._connection.close()
        for end in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + end).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file; what it holds stays for the next process."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use the spool in a with statement."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, whatever happened."""
        self.close()

    def walk(self, reading: str) -> Walk:
        """Return how far a reading has come; not at all where it was forgotten."""
        found = self._first(
            "select began, place, total, pages, is_over from walks where reading = ?",
            [reading],
        )
        if found is None:
            return Walk()
        began, place, total, pages, is_over = found
        return Walk(
            began and datetime.fromisoformat(began),
            None if place is None else json.loads(place),
            total,
            pages,
            bool(is_over),
        )

    def keep(self, reading: str, walk: Walk, parts: list[Part]) -> bool:
        """Keep a page and how far the walk has come by it, both or neither.

        Returns:
            False, and nothing is kept, where the next place was announced before.
        """
        place = None if walk.place is None else json.dumps(walk.place)
        began = walk.began and walk.began.isoformat()
        try:
            with self._changing() as run:
                if place is not None:
                    run("insert into places values (?, ?)", [reading, place])
                run(
                    "update walks set began = ?, place = ?, total = ?, pages = ?,"
                    " is_over = ? where reading = ?",
                    [began, place, walk.total, walk.pages, walk.is_over, reading],
                )
                for one in parts:
                    run(
                        "insert into parts (reading, stream, kind, number, body)"
                        " values (?, ?, ?, ?, ?)",
                        [reading, one.stream, one.kind, one.number, one.body],
                    )
        except sqlite3.IntegrityError:
            return False
        return True

    def forget(self, reading: str) -> None:
        """Forget a walk: what it brought is loaded, or cannot be used."""
        with self._changing() as run:
            for table in ("walks", "places", "parts"):
                run(f"delete from {table} where reading = ?", [reading])

    @contextmanager
    def _changing(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        """Change the file, all of the block or nothing of it; others wait so long."""
        run = self._connection.execute
        with self._lock:
            run("begin immediate")
            try:
                yield run
            except BaseException:
                run("rollback")
                raise
            run("commit")

    def _first(self, query: str, given: list[Any]) -> Any:
        """Return the first row of a query, None where there is none."""
        with self._lock:
            return self._connection.execute(query, given).fetchone()

    def number(self, reading: str, stream: str, kind: str) -> int:
        """Return how many of a kind a reading brought of a stream."""
        [found] = self._first(
            "select coalesce(sum(number), 0) from parts"
            " where reading = ? and stream = ? and kind = ?",
            [reading, stream, kind],
        )
        return int(found)

    def streams(self) -> frozenset[str]:
        """Return the streams of which anything came."""
        with self._lock:
            found = self._connection.execute("select distinct stream from parts")
            return frozenset(name for (name,) in found)

    def bodies(self, stream: str, kind: str) -> Iterator[tuple[int, bytes]]:
        """Yield what walks that are over brought of a stream, numbered in order."""
        last = 0
        while True:
            found = self._first(
                "select seq, body from parts where stream = ? and kind = ? and seq > ?"
                " and reading in (select reading from walks where is_over)"
                " order by seq limit 1",
                [stream, kind, last],
            )
            if found is None:
                return
            last, body = found
            yield last, body

    def values(self, stream: str, kind: str) -> Iterator[tuple[int, Any]]:
        """Yield what came as JSON of a kind of a stream, with its part's number."""
        for number, body in self.bodies(stream, kind):
            for value in orjson.loads(body):
                yield number, value

    def rows(
        self, stream: Stream, columns: Sequence[str] | None = None
    ) -> pa.RecordBatchReader:
        """Return a stream's rows, or some columns of them.

        Each is numbered in order as `_seq`, and has its part's number as `_part`.
        """
        names = stream.schema.names
        wanted = names if columns is None else columns
        read = pa.ipc.IpcReadOptions(included_fields=list(map(names.index, wanted)))
        fields = [stream.schema.field(name) for name in names if name in wanted]
        numbers = [pa.field(name, pa.int64()) for name in ("_seq", "_part")]
        schema = pa.schema([*fields, *numbers])

        def batches() -> Iterator[pa.RecordBatch]:
            came = 0
            for number, body in self.bodies(stream.name, "rows"):
                with pa.ipc.open_stream(body, options=read) as reader:
                    for batch in reader:
                        seq = pa.array(range(came, came + len(batch)), pa.int64())
                        part = pa.repeat(pa.scalar(number, pa.int64()), len(batch))
                        came += len(batch)
                        yield pa.RecordBatch.from_arrays(
                            [*batch.columns, seq, part], schema=schema
                        )

        return pa.RecordBatchReader.from_batches(schema, batches())


def rows_part(stream: str, table: pa.Table) -> Part:
    """Return typed rows as a part of a page."""
    sink = pa.BufferOutputStream()
    packed = pa.ipc.IpcWriteOptions(compression=_PACKED)
    with pa.ipc.new_stream(sink, table.schema, options=packed) as writer:
        writer.write_table(table)
    return Part(stream, "rows", table.num_rows, sink.getvalue().to_pybytes())


def values_part(stream: str, kind: str, values: list[Any]) -> Part:
    """Return JSON values as a part of a page."""
    return Part(stream, kind, len(values), orjson.dumps(values))

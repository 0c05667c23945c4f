"""Paths: ways of the same pages into a DuckDB table, each in a process of its own.

    python -m tests.bench.bench_ingestion_paths raw http://127.0.0.1:8000 /tmp/here

Prints one line of JSON: what each step took. Imports are done before a clock starts.
"""

import argparse
import hashlib
import json
import queue
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dlt
import duckdb
import httpx
import pyarrow as pa
import pyarrow.json as pj
from dlt.sources.rest_api import rest_api_source

from ingestion.declared import declared
from ingestion.load import Place, load
from ingestion.raw import merge
from ingestion.raw.difference import Comparison
from ingestion.raw.loading import SystemLoad
from ingestion.systems import System
from tests.bench.bench_ingestion_pages import PAGE

# The vendor as a user would declare it.
VENDOR = """
vendor: paged
kind: billing
base_url: "{url}"
auth: {kind: bearer, token: "{token}"}
limits: {concurrency: 4, source: "the bench's own server, which has none"}
resources:
  invoices:
    path: /invoices
    data: data
    page: {kind: cursor, param: after, next: next, size: {limit: 1000}}
    changes: {cursor: updated_at, since: updated_after}
    columns: {number: text, status: text, currency: text, customer_id: key customer.id,
              customer_name: text customer.name, customer_email: text customer.email,
              country: text address.country, city: text address.city, amount: number,
              tax: number, discount: number, quantity: integer, owner_id: integer,
              is_recurring: flag, issued_on: day, due_on: day, created_at: instant,
              updated_at: instant, memo: text}
"""
# The same columns for pyarrow, which has no days in JSON: DuckDB makes them.
_NUMBER = pa.decimal128(38, 9)
_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = ("id", "number", "status", "currency")
_FIELDS: Mapping[str, pa.DataType] = {
    **dict.fromkeys(_TEXTS, pa.string()),
    "customer": pa.struct(dict.fromkeys(("id", "name", "email"), pa.string()).items()),
    "address": pa.struct(dict.fromkeys(("country", "city"), pa.string()).items()),
    **dict.fromkeys(("amount", "tax", "discount"), _NUMBER),
    **dict.fromkeys(("quantity", "owner_id"), pa.int64()),
    "is_recurring": pa.bool_(),
    **dict.fromkeys(("issued_on", "due_on"), pa.string()),
    **dict.fromkeys(("created_at", "updated_at"), _INSTANT),
    "memo": pa.string(),
}
_ROWS = pa.schema(_FIELDS.items())
_ENVELOPE = pa.schema([("data", pa.list_(pa.struct(_FIELDS.items())))])
_SELECT = """
select id, number, status, currency, customer.id as customer_id,
    customer.name as customer_name, customer.email as customer_email,
    address.country as country, address.city as city, amount, tax, discount, quantity,
    owner_id, is_recurring, issued_on::date as issued_on, due_on::date as due_on,
    created_at, updated_at, memo
from pages
"""
_AHEAD = 4  # pages that wait to be parsed
Step = dict[str, Any]


class Clock:
    """What this process spends on one step: time, processor, and memory in all."""

    def __init__(self) -> None:
        """Begin."""
        self._began = time.perf_counter()
        self._spent = self._processor()

    def step(self, name: str, **told: Any) -> Step:
        """Return what was spent; the most memory since the process began, in MB."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds = time.perf_counter() - self._began
        cpu = self._processor() - self._spent
        return {"step": name, "seconds": seconds, "cpu": cpu, "peak_mb": peak, **told}

    @staticmethod
    def _processor() -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime


def _pages(url: str, since: str | None = None) -> Iterator[bytes]:
    """Yield the bodies of a list; the next is fetched while one is worked on."""
    waiting: queue.Queue[bytes | None] = queue.Queue(_AHEAD)

    def fetch() -> None:
        asked: dict[str, Any] = {"limit": PAGE}
        if since is not None:
            asked["updated_after"] = since
        with httpx.Client(base_url=url) as client:
            while True:
                body = client.get("/invoices", params=asked).raise_for_status().content
                waiting.put(body)
                following = json.loads(body[body.rindex(b'"next":') + 7 : -1])
                if following is None:
                    waiting.put(None)
                    return
                asked["after"] = following

    threading.Thread(target=fetch, daemon=True).start()
    while (body := waiting.get()) is not None:
        yield body


def _batch(body: bytes, *, with_text: bool) -> pa.RecordBatch:
    options = pj.ParseOptions(
        explicit_schema=_ENVELOPE, unexpected_field_behavior="ignore"
    )
    block = pj.ReadOptions(use_threads=False, block_size=len(body) + 1)
    found = pj.read_json(pa.BufferReader(body), block, options)
    rows = pa.RecordBatch.from_struct_array(found["data"].chunk(0).flatten())
    if not with_text:
        return rows
    # No record here has a list of objects, so this stands between records alone.
    texts = body[body.index(b"[{") + 2 : body.rindex(b"}]")].split(b"},{")
    records = pa.array([b"{%b}" % text for text in texts], pa.string())
    return rows.append_column("record", records)


def raw(url: str, home: Path, *, with_text: bool = False) -> list[Step]:
    """httpx, pyarrow.json with an explicit schema, DuckDB: the limit.

    Nothing is kept that would let it go on after a kill, no record's text, nothing is
    compared, no double is noticed, a value of another kind ends it.
    """
    clock = Clock()
    schema = _ROWS.append(pa.field("record", pa.string())) if with_text else _ROWS
    batches = (_batch(body, with_text=with_text) for body in _pages(url))
    with duckdb.connect(str(home / "raw.duckdb")) as connection:
        connection.register("pages", pa.RecordBatchReader.from_batches(schema, batches))
        select = _SELECT.replace("memo\n", "memo, record\n") if with_text else _SELECT
        connection.execute(f"create table invoices as {select}")
    first = clock.step("load")
    return [first | _counted(home / "raw.duckdb", "invoices")]


def direct(url: str, home: Path) -> list[Step]:
    """Let DuckDB merge the changes into the table of `raw`."""
    asked = ["select max(updated_at)::varchar from invoices"]
    with duckdb.connect(str(home / "raw.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        newest = connection.execute(*asked).fetchall()[0][0]
    since = newest.replace(" ", "T").replace("+00", "Z")
    clock = Clock()
    pages = [_batch(body, with_text=False) for body in _pages(url, since)]
    inside = time.perf_counter()
    with duckdb.connect(str(home / "raw.duckdb")) as connection:
        connection.register("pages", pa.Table.from_batches(pages))
        connection.execute(
            f"merge into invoices using ({_SELECT}) as changed"
            " on invoices.id = changed.id"
            " when matched then update when not matched then insert"
        )
    merged = clock.step("merge", in_database=time.perf_counter() - inside)
    return [merged | _counted(home / "raw.duckdb", "invoices")]


def plain(url: str, home: Path) -> list[Step]:
    """Load by dlt's rest_api as its tutorial says."""
    clock = Clock()
    cursor = {"type": "cursor", "cursor_path": "next", "cursor_param": "after"}
    endpoint = {
        "path": "invoices",
        "params": {"limit": PAGE},
        "paginator": cursor,
        "data_selector": "data",
    }
    source = rest_api_source(
        {
            "client": {"base_url": url},
            "resources": [
                {"name": "invoices", "primary_key": "id", "endpoint": endpoint}
            ],
        }
    )
    pipeline = dlt.pipeline(
        "plain",
        pipelines_dir=str(home / "dlt"),
        destination=dlt.destinations.duckdb(credentials=str(home / "plain.duckdb")),
        dataset_name="books",
    )
    pipeline.run(source)
    first = clock.step("load")
    return [first | _counted(home / "plain.duckdb", "books.invoices")]


def ours(url: str, home: Path) -> list[Step]:
    """Load as a run of Concord does: everything, what changed, and nothing."""
    watch = _Watch()
    with watch, _registered(home) as place:
        steps = [_loaded(place, url, watch, "load")]
        steps.append(_loaded(place, url, watch, "merge"))
        before = _hash(place.warehouse)
        again = _loaded(place, url, watch, "again")
        again["is_untouched"] = _hash(place.warehouse) == before
    return [*steps, again]


def _hash(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()


def _loaded(place: Place, url: str, watch: "_Watch", name: str) -> Step:
    environ = {"PAGED_URL": url, "PAGED_TOKEN": "none is asked for"}
    before = _asked(url, "calls")
    watch.spent.clear()
    clock = Clock()
    [told] = load(place, environ, ["paged"]).insist()
    step = clock.step(name, parts=dict(watch.spent), changed=told.changed)
    step["calls"] = _asked(url, "calls") - before
    step["quarantined"] = told.quarantined
    return step | _counted(place.warehouse, "raw_paged.invoices")


@contextmanager
def _registered(home: Path) -> Iterator[Place]:
    """Declare the vendor in a file, and let the registry have it alone."""
    file = home / "paged.yml"
    file.write_text(VENDOR, encoding="utf-8")
    vendor = declared(file.read_text(encoding="utf-8"), file.name)
    systems = (System(vendor.name, vendor.kind, vendor),)
    with ExitStack() as patched:
        for module in ("load", "systems"):
            patched.enter_context(patch(f"ingestion.{module}.SYSTEMS", systems))
        yield Place(home / "warehouse.duckdb", home, home / "operations.sqlite")


class _Watch(ExitStack):
    """Notes the seconds of a load's parts, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: dict[str, float] = {}
        self._time(SystemLoad, "read", "reading")
        self._time(Comparison, "compare", "comparing")
        self._time(dlt.Pipeline, "extract", "dlt: extract")
        self._time(dlt.Pipeline, "normalize", "dlt: normalize")
        self._time(dlt.Pipeline, "load", "dlt: load")
        self._time(merge, "_pipeline", "dlt: begin")

    def _time(self, owner: Any, name: str, part: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*given, **named)
            finally:
                passed = time.perf_counter() - began
                self.spent[part] = self.spent.get(part, 0.0) + passed

        self.enter_context(patch.object(owner, name, timed))


def _asked(url: str, what: str) -> Any:
    return httpx.get(f"{url}/{what}", timeout=60).raise_for_status().json()


def _counted(file: Path, table: str) -> Step:
    """Return the rows of a table and the sum of its amounts, as text."""
    with duckdb.connect(str(file)) as connection:
        found = connection.execute(f"select count(*), sum(amount) from {table}")
        rows, amount = found.fetchall()[0]
    return {"rows": rows, "sum": format(Decimal(amount), "f")}


PATHS: Mapping[str, Callable[[str, Path], list[Step]]] = {
    "ours": ours,
    "raw": raw,
    "text": lambda url, home: raw(url, home, with_text=True),
    "direct": direct,
    "plain": plain,
}


def main(given: Sequence[str] | None = None) -> None:
    """Go one path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", choices=PATHS)
    parser.add_argument("url")
    parser.add_argument("home", type=Path)
    wanted = parser.parse_args(given)
    sys.stdout.write(json.dumps(PATHS[wanted.path](wanted.url, wanted.home)) + "\n")


if __name__ == "__main__":
    main()

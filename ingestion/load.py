"""Load: bring the connected systems into the raw tables, each one all or nothing.

All systems are read before anything is written, so a system that cannot be read leaves
the warehouse as it was. What was read is compared with what is there, and dlt merges
the difference; the place from which the next load reads on arrives in the same package.
"""

import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import dlt
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion import warehouse as raw
from ingestion.deletes import tombstones
from ingestion.errors import SystemFault
from ingestion.streams import Batch, Keys, Stream, rows
from ingestion.systems import SYSTEMS, System, connected, system

# No system that is read lets a transaction run longer (NetSuite: 15 minutes), so a
# change stamped before this reading began and committed after it is read next time.
OVERLAP = timedelta(minutes=15)

_DLT_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    # Where to read on from is kept beside the rows, not in dlt's state.
    "RESTORE_FROM_DESTINATION": "false",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID": "true",
    # Working files live for a second on a local disk.
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did to one raw table.

    `rows` are in the table now, without those that are deleted. `read` came from the
    system, `changed` of them were new or different and written, `deleted` became
    tombstones. `load_id` is None when nothing had changed in the whole system.
    `seconds` is the time its system took, reading and writing.
    """

    system: str
    stream: str
    rows: int
    read: int
    changed: int
    deleted: int
    load_id: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """All that one system told, as typed rows; `present` where keys were listed."""

    system: System
    since: Mapping[str, datetime]
    arrived: Mapping[str, pa.Table]
    present: Mapping[str, pa.Array]
    read_at: datetime
    seconds: float


def load(
    warehouse: Path,
    home: Path,
    environ: Mapping[str, str],
    only: Collection[str] | None = None,
    report: Report | None = None,
) -> tuple[Loaded, ...]:
    """Load the connected systems, or those of them that `only` names.

    Creates the raw tables of all systems that do not exist yet. No connection to the
    warehouse is open when it returns or raises.

    Args:
        warehouse: the DuckDB file; created where it does not exist.
        home: the folder for dlt's working files.
        environ: the settings.
        only: names of systems.
        report: is told, in a sentence, what has been done.

    Raises:
        SystemFault: a system could not be read; the raw tables are as they were. Or
            the warehouse did not take what was read; that system's are as they were.
        KeyError: `only` names a system that does not exist.
    """
    for name in only or ():
        system(name)
    tell = report or (lambda _sentence: None)
    chosen = [one for one in connected(environ) if only is None or one.name in only]
    raw.prepare(warehouse, SYSTEMS)
    with raw.opened(warehouse) as connection:
        since = {one.name: raw.positions(connection, one) for one in chosen}
    readings = _read_all(chosen, environ, since, tell)
    loaded: list[Loaded] = []
    for reading in readings:
        loaded += _write(warehouse, home, reading, tell)
    return tuple(loaded)


def load_system(
    name: str,
    warehouse: Path,
    home: Path,
    environ: Mapping[str, str],
    report: Report | None = None,
) -> tuple[Loaded, ...]:
    """Load one system; nothing is read where it is not connected. See `load`."""
    return load(warehouse, home, environ, only=[name], report=report)


def _read_all(
    chosen: Collection[System],
    environ: Mapping[str, str],
    since: Mapping[str, Mapping[str, datetime]],
    tell: Report,
) -> list[_Reading]:
    if not chosen:
        return []
    # Systems wait for their own servers, so they are read at the same time.
    with ThreadPoolExecutor(len(chosen), "reading") as pool:
        futures = [pool.submit(_read, one, environ, since[one.name]) for one in chosen]
        readings = []
        for future in futures:
            reading = future.result()
            counted = sum(table.num_rows for table in reading.arrived.values())
            tell(
                f"{reading.system.name}: {counted:,} records read in"
                f" {reading.seconds:.1f} s"
            )
            readings.append(reading)
        return readings


def _read(
    one: System, environ: Mapping[str, str], since: Mapping[str, datetime]
) -> _Reading:
    began = time.monotonic()
    batches: dict[str, list[Batch]] = {stream.name: [] for stream in one.streams}
    keys: dict[str, list[str]] = {stream.name: [] for stream in one.streams}
    with one.connect(environ) as rest:
        for arrival in one.vendor.read(rest, since):
            if isinstance(arrival, Keys):
                keys[arrival.stream].extend(arrival.ids)
            else:
                batches[arrival.stream].append(arrival)
    arrived, present = {}, {}
    for stream in one.streams:
        table = rows(one.name, stream, batches.pop(stream.name))
        arrived[stream.name] = table
        if stream.deletes == "keys":
            present[stream.name] = pa.array(keys[stream.name], pa.string())
        elif stream.deletes == "listed" or stream.name not in since:
            # Read from the start, what tells of deletions was listed as a whole too.
            present[stream.name] = table["id"]
    if rest.read_at is None:
        raise SystemFault(one.name, "no answer came back", "run again")
    return _Reading(
        one, since, arrived, present, rest.read_at, time.monotonic() - began
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """What a load writes, per table, and the rows that stood there before."""

    written: Mapping[str, pa.Table]
    before: Mapping[str, tuple[pa.Array, pa.Table]]
    changed: Mapping[str, int]
    deleted: Mapping[str, int]


def _write(
    warehouse: Path, home: Path, reading: _Reading, tell: Report
) -> list[Loaded]:
    began = time.monotonic()
    with raw.opened(warehouse) as connection:
        difference = _difference(connection, reading)
    load_id = None
    if difference.written:
        load_id = _merge(warehouse, home, reading.system, difference)
    with raw.opened(warehouse) as connection:
        counts = raw.counts(connection, reading.system)
    seconds = reading.seconds + time.monotonic() - began
    tell(
        f"{reading.system.name}: {sum(difference.changed.values()):,} new or changed,"
        f" {sum(difference.deleted.values()):,} deleted, in {seconds:.1f} s"
    )
    return [
        Loaded(
            reading.system.name,
            stream.name,
            counts[stream.name],
            reading.arrived[stream.name].num_rows,
            difference.changed[stream.name],
            difference.deleted[stream.name],
            load_id,
            seconds,
        )
        for stream in reading.system.streams
    ]


def _difference(
    connection: duckdb.DuckDBPyConnection, reading: _Reading
) -> _Difference:
    one = reading.system
    written, changes, deletions = {}, {}, {}
    moments: dict[Stream, datetime] = {}
    for stream in one.streams:
        arrived = reading.arrived[stream.name]
        parts = [raw.changed(connection, one, stream, arrived)]
        if stream.name in reading.present:
            gone = reading.present[stream.name]
            parts.append(tombstones(connection, one, stream, gone))
        changes[stream.name] = parts[0].num_rows
        deletions[stream.name] = sum(part.num_rows for part in parts[1:])
        table = pa.concat_tables(parts)
        if table.num_rows:
            written[stream.name] = table
        if stream.cursor:
            known = raw.newest(connection, one, stream)
            seen = pc.max(arrived[stream.cursor]).as_py()
            newest = max((at for at in (known, seen) if at), default=None)
            if newest:
                # A stamp in the future would hide every change until then.
                moments[stream] = min(newest, reading.read_at) - OVERLAP
    unplaced = any(stream.name not in reading.since for stream in moments)
    if moments and (written or unplaced):
        written[raw.CURSORS] = raw.cursor_rows(moments)
    before = {
        name: (table["id"], raw.held(connection, one.schema, name, table["id"]))
        for name, table in written.items()
    }
    return _Difference(written, before, changes, deletions)


def _merge(warehouse: Path, home: Path, one: System, difference: _Difference) -> str:
    """Let dlt merge the difference; return its load id.

    dlt commits table by table, so a load that fails half way is undone here.
    """
    pipeline = _pipeline(warehouse, home, one)
    resources = [
        dlt.resource(table, name=name, write_disposition="merge", primary_key="id")
        for name, table in difference.written.items()
    ]
    try:
        info = pipeline.run(resources, loader_file_format="parquet")
        info.raise_on_failed_jobs()
    except BaseException as error:
        shutil.rmtree(pipeline.working_dir, ignore_errors=True)
        with raw.opened(warehouse) as connection:
            raw.restore(connection, one.schema, difference.before)
        if not isinstance(error, PipelineStepFailed | duckdb.Error | OSError):
            raise
        raise SystemFault(
            one.name,
            f"the warehouse did not take the records ({_cause(error)}); its tables"
            " are as they were",
            "check the space on the disk and who holds the file, then run again",
        ) from error
    finally:
        pipeline.deactivate()
    return str(info.loads_ids[-1])


def _pipeline(warehouse: Path, home: Path, one: System) -> dlt.Pipeline:
    """Return the system's pipeline, always a fresh one.

    A package that a killed process left is thrown away, not finished: what it held is
    read again, and the place to read on from counts only with a completed load.
    """
    # Read by dlt when its first pipeline is made, so it must stand in the environment
    # by then; a setting made through dlt.config comes too late to stop telemetry.
    os.environ.update(_DLT_SETTINGS)
    folder = home / "dlt"
    name = f"concord_{one.name}"
    shutil.rmtree(folder / name, ignore_errors=True)
    return dlt.pipeline(
        name,
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(credentials=str(warehouse)),
        dataset_name=one.schema,
    )


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return (
        str(error).strip().splitlines()[0]
        if str(error).strip()
        else type(error).__name__
    )

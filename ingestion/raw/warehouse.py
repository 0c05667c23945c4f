"""Warehouse: the raw tables themselves: they exist, what is new to them, undo.

A raw table has the declared columns and the two that dlt adds, whether a system is
connected or not, so that every model builds from the first day.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.errors import SystemFault
from ingestion.readings import Known
from ingestion.streams import ARROW_TYPES, SQL_TYPES, Kind, Stream
from ingestion.systems import System

# What does not fit goes to a file beside the warehouse while it is compared or merged.
MEMORY = "500MB"
# Where the next reading begins, per stream: loaded with the rows it belongs to.
CURSORS = "_cursors"
# What rows were before they were replaced, one row per version.
HISTORY = "_history"
_OWN: Mapping[str, Mapping[str, Kind]] = {
    CURSORS: {
        "id": "text",
        "position": "instant",
        "swept": "instant",
        "columns": "text",
    },
    HISTORY: {
        "id": "text",
        "stream": "text",
        "record_id": "text",
        "record": "text",
        "given": "text",
        "is_deleted": "flag",
        "loaded_by": "text",
        "superseded_at": "instant",
    },
}
_DLT_COLUMNS = ("_dlt_load_id", "_dlt_id")


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one block and close it after, so that others can.

    Raises:
        SystemFault: another process holds the file, or it is no warehouse.
    """
    try:
        connection = duckdb.connect(str(path))
    except duckdb.Error as error:
        raise SystemFault(
            "warehouse",
            f"{path} cannot be opened ({_first_line(error)})",
            "wait until the process that holds it ends, then run again",
        ) from error
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def prepared(path: Path, systems: Iterable[System]) -> Iterator[None]:
    """Create the tables and columns that are missing, and keep the warehouse open.

    A connection that is kept makes the next ones cheap: each first one reads what the
    file says of all tables. A new file is made beside its place and moved there: a
    process killed while DuckDB writes the first pages leaves one that nobody can open.

    Raises:
        SystemFault: another process holds the file, or it is no warehouse.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        with opened(beside) as connection:
            _complete(connection, systems)
        beside.replace(path)
    with opened(path) as connection:
        _complete(connection, systems)
        yield


def _complete(connection: duckdb.DuckDBPyConnection, systems: Iterable[System]) -> None:
    present: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns()"
    ).fetchall():
        present.setdefault((schema, table), set()).add(column)
    for system in systems:
        tables = {stream.name: stream.kinds for stream in system.streams}
        tables |= {name: dict(kinds) for name, kinds in _OWN.items()}
        if all(schema != system.schema for schema, _ in present):
            connection.execute(f'create schema if not exists "{system.schema}"')
        for table, kinds in tables.items():
            wanted = _columns(kinds)
            held = present.get((system.schema, table))
            name = f'"{system.schema}"."{table}"'
            if held is None:
                columns = ", ".join(wanted.values())
                connection.execute(f"create table {name} ({columns})")
            for column in wanted.keys() - (wanted.keys() if held is None else held):
                nullable = wanted[column].removesuffix(" not null")
                connection.execute(f"alter table {name} add column {nullable}")


def _columns(kinds: Mapping[str, Kind]) -> dict[str, str]:
    columns = {name: f'"{name}" {SQL_TYPES[kind]}' for name, kind in kinds.items()}
    columns["id"] += " not null"
    for name in _DLT_COLUMNS:
        columns[name] = f'"{name}" VARCHAR not null'
    return columns


def known(
    connection: duckdb.DuckDBPyConnection, system: System, now: datetime
) -> Known:
    """Return where the next reading of each stream begins, and when it was swept.

    A position counts only when the load that brought it was completed, since it may
    have arrived before the rows it stands for, and when the table had the columns that
    it has now, since those that are new have to be filled for all records.
    """
    if not _exists(connection, system.schema, "_dlt_loads"):
        return Known(now)
    found = connection.execute(
        f'select id, position, swept, columns from "{system.schema}"."{CURSORS}"'
        f' where _dlt_load_id in (select load_id from "{system.schema}"._dlt_loads'
        " where status = 0)"
    ).fetchall()
    columns = {stream.name: signature(stream) for stream in system.streams}
    fitting = [row for row in found if row[3] == columns.get(row[0])]
    return Known(
        now,
        {stream: position for stream, position, _, _ in fitting if position},
        {stream: swept for stream, _, swept, _ in fitting if swept},
    )


def _exists(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    try:  # the catalog's own listing measures every table, and takes its time
        connection.execute(f'select 1 from "{schema}"."{table}" limit 0')
    except duckdb.CatalogException:
        return False
    return True


def signature(stream: Stream) -> str:
    """Return which columns a stream has, for comparison."""
    return ",".join(stream.kinds)


def is_empty(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Tell whether a table has no rows."""
    found = connection.execute(f'select 1 from "{schema}"."{table}" limit 1')
    return found.fetchone() is None


def counts(connection: duckdb.DuckDBPyConnection, system: System) -> dict[str, int]:
    """Return how many records each raw table holds that are not deleted."""
    selects = " union all ".join(
        f"select '{stream.name}', count(*) from"
        f' "{system.schema}"."{stream.name}" where not is_deleted'
        for stream in system.streams
    )
    return dict(connection.execute(selects).fetchall())


def own_rows(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows of one of our own tables."""
    fields = [pa.field(name, ARROW_TYPES[kind]) for name, kind in _OWN[table].items()]
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__

"""Warehouse: the raw tables themselves: they exist, what is new to them, undo.

A raw table has the declared columns and the two that dlt adds, whether a system is
connected or not, so that every model builds from the first day.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.errors import SystemFault
from ingestion.streams import ARROW_TYPES, SQL_TYPES, Kind, Stream
from ingestion.systems import System

# Where the next reading begins, per stream: loaded with the rows it belongs to.
CURSORS = "_cursors"
_CURSOR_KINDS: Mapping[str, Kind] = {
    "id": "text",
    "position": "instant",
    "columns": "text",
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


def prepare(path: Path, systems: Iterable[System]) -> None:
    """Create the tables and columns that are missing.

    A new file is made beside its place and moved there: a process killed while DuckDB
    writes the first pages leaves a file that nobody can open.
    """
    if path.exists():
        with opened(path) as connection:
            _complete(connection, systems)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with opened(beside) as connection:
        _complete(connection, systems)
    beside.replace(path)


def _complete(connection: duckdb.DuckDBPyConnection, systems: Iterable[System]) -> None:
    present: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in connection.execute(
        "select table_schema, table_name, column_name from information_schema.columns"
    ).fetchall():
        present.setdefault((schema, table), set()).add(column)
    for system in systems:
        tables = {stream.name: stream.kinds for stream in system.streams}
        tables[CURSORS] = dict(_CURSOR_KINDS)
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


def positions(
    connection: duckdb.DuckDBPyConnection, system: System
) -> dict[str, datetime]:
    """Return where the next reading of each stream begins.

    A position counts only when the load that brought it was completed, since it may
    have arrived before the rows it stands for, and when the table had the columns that
    it has now, since those that are new have to be filled for all records.
    """
    loads = connection.execute(
        "select count(*) from information_schema.tables"
        " where table_schema = ? and table_name = '_dlt_loads'",
        [system.schema],
    ).fetchone()
    if not loads or not loads[0]:
        return {}
    found = connection.execute(
        f'select id, position, columns from "{system.schema}"."{CURSORS}"'
        f' where _dlt_load_id in (select load_id from "{system.schema}"._dlt_loads'
        " where status = 0)"
    ).fetchall()
    columns = {stream.name: _signature(stream) for stream in system.streams}
    return {
        stream: position
        for stream, position, signature in found
        if position is not None and signature == columns.get(stream)
    }


def _signature(stream: Stream) -> str:
    return ",".join(stream.kinds)


def newest(
    connection: duckdb.DuckDBPyConnection, system: System, stream: Stream
) -> datetime | None:
    """Return the latest change the raw table knows, for a stream with a cursor."""
    found = connection.execute(
        f'select max("{stream.cursor}") from "{system.schema}"."{stream.name}"'
    ).fetchone()
    return found[0] if found else None


def counts(connection: duckdb.DuckDBPyConnection, system: System) -> dict[str, int]:
    """Return how many records each raw table holds that are not deleted."""
    selects = " union all ".join(
        f"select '{stream.name}', count(*) from"
        f' "{system.schema}"."{stream.name}" where not is_deleted'
        for stream in system.streams
    )
    return dict(connection.execute(selects).fetchall())


def cursor_rows(moments: Mapping[Stream, datetime]) -> pa.Table:
    """Return the rows of the table of positions."""
    return pa.Table.from_pylist(
        [
            {"id": stream.name, "position": position, "columns": _signature(stream)}
            for stream, position in moments.items()
        ],
        schema=pa.schema(
            [
                pa.field(name, ARROW_TYPES[kind], nullable=name != "id")
                for name, kind in _CURSOR_KINDS.items()
            ]
        ),
    )


def changed(
    connection: duckdb.DuckDBPyConnection,
    system: System,
    stream: Stream,
    arrived: pa.Table,
) -> pa.Table:
    """Return those rows that the raw table lacks or holds otherwise.

    Most of what is read again is as it was; writing it again would cost a merge of
    every table on each load.
    """
    names = stream.schema.names
    differs = " or ".join(
        f'held."{name}" is distinct from arrived."{name}"' for name in names
    )
    connection.register("arrived", arrived)
    try:
        ids = connection.execute(
            f"""
            select arrived.id
            from arrived
            left join "{system.schema}"."{stream.name}" as held
                on held.id = arrived.id
            where {differs}
            """
        ).to_arrow_table()
    finally:
        connection.unregister("arrived")
    return arrived.filter(pc.is_in(arrived["id"], ids["id"]))


def held(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, ids: pa.Array
) -> pa.Table:
    """Return the rows of a table as they stand, dlt's columns included."""
    connection.register("wanted", pa.table({"id": ids}))
    try:
        return connection.execute(
            f'select * from "{schema}"."{table}" where id in (select id from wanted)'
        ).to_arrow_table()
    finally:
        connection.unregister("wanted")


def restore(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    before: Mapping[str, tuple[pa.Array, pa.Table]],
) -> None:
    """Put rows back as they stood before a load, in one transaction.

    `before` has, per table, the identifiers the load was to write and the rows that
    stood there.
    """
    connection.begin()
    for table, (ids, rows) in before.items():
        connection.register("written", pa.table({"id": ids}))
        connection.register("stood", rows)
        connection.execute(
            f'delete from "{schema}"."{table}" where id in (select id from written)'
        )
        connection.execute(
            f'insert into "{schema}"."{table}" by name select * from stood'
        )
        connection.unregister("written")
        connection.unregister("stood")
    connection.commit()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__

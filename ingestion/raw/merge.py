"""Merge: let dlt write a package, as a whole or not at all.

dlt commits table by table, so a load that fails half way is undone here. A row that
the warehouse itself does not take is found by halves and taken out.
"""

import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
from dlt.common.storages.load_package import load_package_state
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion.errors import SystemFault
from ingestion.raw import package
from ingestion.raw.warehouse import MEMORY, opened
from ingestion.systems import System

DLT_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    # Where to read on from is kept beside the rows, not in dlt's state.
    "RESTORE_FROM_DESTINATION": "false",
    # The files have dlt's columns, so that it takes them as they are.
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID": "false",
    # Working files live for a second on a local disk.
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}
# An identifier stands once in a package.
_MERGE: Any = {
    "disposition": "merge",
    "strategy": "delete-insert",
    "deduplicated": True,
}
# More rows than this that the warehouse does not take are no poison but a fault.
_MOST_POISON = 20


def merge(
    warehouse: Path, home: Path, system: System, folder: Path, new: Collection[str]
) -> str:
    """Let dlt write the package in `folder`; return its load id.

    Args:
        warehouse: the DuckDB file; nobody holds it.
        home: the folder for dlt's working files.
        system: whose raw tables they are.
        folder: the package.
        new: names of tables that have no rows yet, into which nothing is merged.

    Raises:
        SystemFault: the warehouse did not take it; its tables are as they were.
    """
    pipeline = _pipeline(warehouse, home, system)
    resources = [
        dlt.resource(
            _file(folder, name),
            name=name,
            write_disposition="append" if name in new else _MERGE,
            # Files that DuckDB writes say of no column that it is never null.
            columns={"id": {"primary_key": True, "nullable": True}},
        )
        for name in package.tables(folder)
    ]
    package.begin(folder)
    try:
        info = pipeline.run(resources, loader_file_format="parquet")
        info.raise_on_failed_jobs()
    except BaseException as error:
        shutil.rmtree(pipeline.working_dir, ignore_errors=True)
        undo(warehouse, system, folder)
        if not isinstance(error, PipelineStepFailed | duckdb.Error | OSError):
            raise
        raise SystemFault(
            system.name,
            f"the warehouse did not take the records ({_cause(error)}); its tables"
            " are as they were",
            "check the space on the disk and who holds the file, then run again",
        ) from error
    finally:
        pipeline.deactivate()
    return str(info.loads_ids[-1])


def _file(folder: Path, name: str) -> Iterator[Any]:
    """Give dlt the file of a table; it is asked once the load has its number."""
    load_id = str(load_package_state()["load_id"])
    file, schema, rows = package.stamped(folder, name, load_id)
    yield dlt.mark.with_file_import(str(file), "parquet", rows, schema.empty_table())


def undo(warehouse: Path, system: System, folder: Path) -> None:
    """Put the tables back as they stood before the package in `folder` was begun."""
    if package.is_unfinished(folder):
        with opened(warehouse) as connection:
            package.put_back(connection, folder, system.schema)


def poison(warehouse: Path, system: System, folder: Path) -> dict[str, dict[str, str]]:
    """Return the rows of a package that the warehouse does not take, and why.

    By table and identifier. Empty where it takes them all, or hardly any.
    """
    found: dict[str, dict[str, str]] = {}
    with opened(warehouse) as connection:
        for name in package.tables(folder):
            bad = dict(_poison(connection, system.schema, name, folder))
            if bad:
                found[name] = bad
    if sum(map(len, found.values())) > _MOST_POISON:
        return {}
    return found


def _poison(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, folder: Path
) -> Iterator[tuple[str, str]]:
    """Try the rows by halves; a transaction that is rolled back changes nothing."""
    rows = f"(select *, row_number() over () as _row {package.source(folder, name)})"
    counted = connection.execute(f"select count(*) from {rows}").fetchall()[0][0]
    untried = [(1, int(counted))]
    seen = 0
    while untried and seen <= _MOST_POISON:
        first, last = untried.pop()
        part = f"{rows} where _row between {first} and {last}"
        connection.begin()
        try:
            connection.execute(
                f'delete from "{schema}"."{name}" where id in (select id from {part})'
            )
            connection.execute(
                f'insert into "{schema}"."{name}" by name select * exclude (_row),'
                f" '' as _dlt_load_id, '' as _dlt_id from {part}"
            )
        except duckdb.Error as error:
            connection.rollback()
            if first == last:
                seen += 1
                ids = connection.execute(f"select id from {part}").fetchall()
                yield ids[0][0], str(error).splitlines()[0]
            else:
                middle = (first + last) // 2
                untried += [(middle + 1, last), (first, middle)]
        else:
            connection.rollback()


def _pipeline(warehouse: Path, home: Path, system: System) -> dlt.Pipeline:
    """Return the system's pipeline, always a fresh one.

    A package that a killed process left with dlt is thrown away: the spool and our own
    package have all of it, and are drained before anything is read.
    """
    # Read by dlt when its first pipeline is made, so it must stand in the environment
    # by then; a setting made through dlt.config comes too late to stop telemetry.
    os.environ.update(DLT_SETTINGS)
    folder = home / "dlt"
    name = f"concord_{system.name}"
    shutil.rmtree(folder / name, ignore_errors=True)
    return dlt.pipeline(
        name,
        pipelines_dir=str(folder),
        destination=dlt.destinations.duckdb(
            DuckDbCredentials(str(warehouse), global_config={"memory_limit": MEMORY})
        ),
        dataset_name=system.schema,
    )


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__

"""Landing: the tables that models read, as parquet files in a folder.

An engine of many machines opens no DuckDB file. It reads a folder of its filesystem,
one of parquet files for each table, which dlt fills: its address may as well be
that of a bucket. A table is replaced as a whole, so that landing twice is landing once.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow.parquet as pq

from ingestion.raw.merge import DLT_SETTINGS

# What resolution leaves for models; its other tables are its own.
RESOLVED = ("links", "hierarchy", "redirects")


def land(warehouse: Path, address: str, home: Path) -> dict[str, list[str]]:
    """Write every raw table and what resolution found to parquet; return their names.

    Args:
        warehouse: the DuckDB file, which is only read.
        address: of the folder or bucket; the tables of a schema are below its name.
        home: the folder for working files.

    Returns:
        The tables of each schema.
    """
    os.environ.update(DLT_SETTINGS)
    work = home / "landing"
    shutil.rmtree(work, ignore_errors=True)
    tables = _tables(warehouse)
    try:
        for schema, names in tables.items():
            _land_schema(warehouse, address, work, schema, names)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return tables


def _tables(warehouse: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where (schema_name like 'raw\\_%' escape '\\'"
            f" or schema_name = 'identity' and table_name in {RESOLVED})"
            " and table_name not like '\\_dlt%' escape '\\' order by all"
        ).fetchall()
    tables: dict[str, list[str]] = {}
    for schema, table in found:
        tables.setdefault(schema, []).append(table)
    return tables


def _land_schema(
    warehouse: Path, address: str, work: Path, schema: str, names: Sequence[str]
) -> None:
    files = dict(_files(warehouse, work / "files", schema, names))
    pipeline = dlt.pipeline(
        f"landing_{schema}",
        pipelines_dir=str(work / "dlt"),
        destination=dlt.destinations.filesystem(address),
        dataset_name=schema,
    )
    try:
        pipeline.run(
            [
                dlt.resource(_file(file), name=name, write_disposition="replace")
                for name, file in files.items()
            ],
            loader_file_format="parquet",
        ).raise_on_failed_jobs()
    finally:
        pipeline.deactivate()


def _files(
    warehouse: Path, folder: Path, schema: str, names: Sequence[str]
) -> Iterator[tuple[str, Path]]:
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for name in names:
            file = folder / f"{schema}.{name}.parquet"
            connection.execute(f"copy {schema}.\"{name}\" to '{file}' (format parquet)")
            yield name, file


def _file(file: Path) -> Iterator[Any]:
    held = pq.ParquetFile(file)
    yield dlt.mark.with_file_import(
        str(file), "parquet", held.metadata.num_rows, held.schema_arrow.empty_table()
    )

"""Package: the files of one load: the rows to be written, and how they stood before.

A folder beside the spool, one parquet file per table in `written` and in `before`. As
long as it exists a load is under way: whoever finds it puts the tables back first.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.raw.warehouse import HISTORY, MEMORY
from ingestion.streams import Stream

_ROWS = 20_480  # held in memory at once; DuckDB counts row groups in 2,048


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    name: str,
    rows: str,
    before: str,
) -> None:
    """Write what a table shall hold, and what those of its rows are before.

    `rows` and `before` are selects; the former gives the rows with their `id`, the
    latter all that the table holds of the same identifiers.
    """
    for part, select in (("written", rows), ("before", before)):
        file = _file(folder, part, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        _copy(connection, select, file)


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: tuple[str, str],
    rows: str,
) -> None:
    """Write what one of our own tables shall hold.

    `table` is the schema and the name; `rows` gives the rows, with their `id`.
    """
    schema, name = table
    file = _quoted(_file(folder, "written", name))
    ids = f"select id from read_parquet({file})"
    held = f'select * from "{schema}"."{name}" where id in ({ids})'
    write(connection, folder, name, rows, held)


def write_history(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    schema: str,
    streams: Iterable[Stream],
) -> None:
    """Add the versions that the load replaces to the table of the system's history.

    A version is known by its record and the load that brought it, so that a load which
    is done again after a kill writes the same rows.
    """
    selects = []
    for stream in streams:
        before = _file(folder, "before", stream.name)
        if not before.exists():
            continue
        given = [
            f"'{column.path[1:]}', \"{column.name}\""
            for column in stream.columns
            if isinstance(column.path, str) and column.path.startswith("@")
        ]
        selects.append(
            f"select '{stream.name}|' || id || '|' || _dlt_load_id as id,"
            f" '{stream.name}' as stream, id as record_id, record,"
            f" json_object({', '.join(given)})::varchar as given, is_deleted,"
            f" _dlt_load_id as loaded_by, now() as superseded_at"
            f" from read_parquet({_quoted(before)})"
        )
    if selects:
        write_rows(connection, folder, (schema, HISTORY), " union all ".join(selects))


def drop(folder: Path, name: str) -> None:
    """Take a table out of the package."""
    for part in ("written", "before"):
        _file(folder, part, name).unlink(missing_ok=True)


def tables(folder: Path) -> list[str]:
    """Return the names of the tables that the load writes."""
    return sorted(file.stem for file in (folder / "written").glob("*.parquet"))


def batches(folder: Path, name: str) -> Iterator[pa.Table]:
    """Yield the rows to be written, some at a time."""
    with pq.ParquetFile(_file(folder, "written", name)) as file:
        for batch in file.iter_batches(_ROWS):
            yield pa.Table.from_batches([batch])


def stamped(folder: Path, name: str, load_id: str) -> tuple[Path, pa.Schema, int]:
    """Write the rows with what dlt adds to each: the load, and a number of their own.

    Returns:
        The file, the schema and the number of its rows.
    """
    file = folder / f"{name}-{load_id}.parquet"
    written = _quoted(_file(folder, "written", name))
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        select = (
            f"select * exclude (file_row_number), '{load_id}' as _dlt_load_id,"
            f" '{load_id}-' || file_row_number as _dlt_id"
            f" from read_parquet({written}, file_row_number = true)"
        )
        _copy(connection, select, file)
    return file, pq.read_schema(file), pq.read_metadata(file).num_rows


def source(folder: Path, name: str) -> str:
    """Return the FROM clause that reads the rows to be written."""
    return f"from read_parquet({_quoted(_file(folder, 'written', name))})"


def without(
    connection: duckdb.DuckDBPyConnection, folder: Path, name: str, ids: list[str]
) -> None:
    """Take rows out of what is to be written."""
    file = _file(folder, "written", name)
    shorter = file.with_suffix(".shorter")
    connection.register("out", pa.table({"id": pa.array(ids, pa.string())}))
    _copy(
        connection,
        f"select * from read_parquet({_quoted(file)})"
        " where id not in (select id from out)",
        shorter,
    )
    connection.unregister("out")
    shorter.replace(file)


def put_back(connection: duckdb.DuckDBPyConnection, folder: Path, schema: str) -> None:
    """Put the rows of a load that was not completed back as they stood, all at once."""
    connection.begin()
    for name in tables(folder):
        written = _quoted(_file(folder, "written", name))
        before = _quoted(_file(folder, "before", name))
        connection.execute(
            f'delete from "{schema}"."{name}"'
            f" where id in (select id from read_parquet({written}))"
        )
        connection.execute(
            f'insert into "{schema}"."{name}" by name'
            f" select * from read_parquet({before})"
        )
    connection.commit()


def remove(folder: Path) -> None:
    """Remove the files: the load is complete, or undone."""
    gone = folder.with_name(f"{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        folder.rename(gone)  # at once, so that nobody finds half of it
        shutil.rmtree(gone)


def is_unfinished(folder: Path) -> bool:
    """Tell whether a load began to write and neither ended nor was undone."""
    return (folder / "begun").exists()


def begin(folder: Path) -> None:
    """Note that the files are whole and the tables are about to be written."""
    (folder / "begun").touch()


def _file(folder: Path, part: str, name: str) -> Path:
    return folder / part / f"{name}.parquet"


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _copy(connection: duckdb.DuckDBPyConnection, select: str, file: Path) -> None:
    connection.execute(
        f"copy ({select}) to {_quoted(file)} (format parquet, row_group_size {_ROWS})"
    )

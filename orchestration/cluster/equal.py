"""Equal: whether two engines made the same tables of the same rows."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

# Whatever is a table on both; staging is views over the raw tables.
COMPARED = ("intermediate", "canonical", "revenue", "marts", "reconciliation")


@dataclass(frozen=True, slots=True)
class Compared:
    """One table of the reference, and what differs in the other engine's.

    Attributes:
        name: with its schema.
        rows: how many the reference has.
        differing: rows that only one of the two has, each counted as often as it stands
            there; None where the other engine made no such table.
        types: columns whose name, place or type is another.
    """

    name: str
    rows: int
    differing: int | None
    types: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Tell whether columns, types and rows are the same."""
        return self.differing == 0 and not self.types


def compare(reference: Path, tables: Path) -> list[Compared]:
    """Compare each table of a DuckDB file with the parquet files of its namesake.

    Args:
        reference: the DuckDB file.
        tables: where Spark keeps its tables: a folder for each schema, one in it for
            each table.
    """
    with duckdb.connect(str(reference), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            f" where schema_name in {COMPARED} order by all"
        ).fetchall()
        return [
            _compare(connection, f'{schema}."{table}"', tables / f"{schema}.db" / table)
            for schema, table in names
        ]


def _compare(
    connection: duckdb.DuckDBPyConnection, table: str, folder: Path
) -> Compared:
    name = table.replace('"', "")
    rows = int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])
    if not any(folder.glob("*.parquet")):
        return Compared(name, rows, None)
    other = f"read_parquet('{folder}/*.parquet')"
    left, right = (_columns(connection, each) for each in (table, other))
    types = tuple(
        f"{ours} is {theirs}"
        for ours, theirs in zip(left, right, strict=False)
        if ours != theirs
    ) + tuple(
        f"{each} on one side"
        for each in (left + right)[2 * min(len(left), len(right)) :]
    )
    if len(left) != len(right):
        return Compared(name, rows, None, types)
    differing = connection.execute(
        f"select (select count(*) from (from {table} except all from {other}))"
        f" + (select count(*) from (from {other} except all from {table}))"
    ).fetchall()[0][0]
    return Compared(name, rows, int(differing), types)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    described = connection.execute(f"describe from {table}").fetchall()
    return [f"{name} {kind}" for name, kind, *_ in described]

"""The same rows and the same SQL give the same numbers on DuckDB and PostgreSQL."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transform.conftest import Dbt

TYPES = {
    "VARCHAR": "text",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "DECIMAL(38,9)": "numeric(38,9)",
    "DOUBLE": "double precision",
}
# The tables of resolution that models read; the others have types of DuckDB's own.
RESOLVED = ("links", "hierarchy", "redirects")
# Numbers are compared as such, to the nine places that the models' finest have.
PLAIN = dict.fromkeys(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL"), "decimal(38, 9)"
)
COMPARED = (
    *("staging", "intermediate", "canonical"),
    *("revenue", "marts", "reconciliation"),
)


@pytest.fixture(scope="module")
def copied(
    disordered: Any, postgres: Callable[[], Any], tmp_path_factory: Any
) -> Callable[[], Any]:
    """Copy what dbt reads of the disordered company to PostgreSQL and build there."""
    folder = tmp_path_factory.mktemp("copied")
    with (
        closing(postgres()) as target,
        closing(duckdb.connect(str(disordered.warehouse), read_only=True)) as source,
    ):
        source.execute("set timezone = 'UTC'")
        tables = source.execute(
            "select table_schema, table_name from information_schema.tables"
            " where (table_schema like 'raw\\_%' escape '\\'"
            " or table_schema = 'operations'"
            f" or table_schema = 'identity' and table_name in {RESOLVED})"
            # Whether a check could run depends on what was loaded, and when.
            " and (table_name not like '\\_dlt%' escape '\\'"
            " or table_name = '_dlt_loads')"
        ).fetchall()
        for schema, table in tables:
            copy(source, target, schema, table, folder / f"{schema}.{table}.csv")
        target.commit()
    elsewhere = Dbt(folder, "postgres")
    elsewhere.build("--exclude", "test_type:generic")
    return postgres


def copy(
    source: duckdb.DuckDBPyConnection, target: Any, schema: str, table: str, file: Path
) -> None:
    """Copy one table with its types."""
    columns = source.execute(
        "select column_name, data_type from information_schema.columns"
        f" where table_schema = '{schema}' and table_name = '{table}'"
        " order by ordinal_position"
    ).fetchall()
    declared = ", ".join(f'"{name}" {TYPES.get(kind, kind)}' for name, kind in columns)
    source.execute(
        f"copy {schema}.\"{table}\" to '{file}' (format csv, header, nullstr '\\N')"
    )
    with target.cursor() as cursor, file.open() as rows:
        cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(f'create table {schema}."{table}" ({declared})')
        cursor.copy_expert(
            f"copy {schema}.\"{table}\" from stdin (format csv, header, null '\\N')",
            rows,
        )


def written(cursor: Any, name: str, file: Path) -> None:
    """Write all rows of a table of PostgreSQL, each value as its text."""
    with file.open("w") as rows:
        cursor.copy_expert(
            f"copy (select * from {name}) to stdout (format csv, header, null '\\N')",
            rows,
        )


def differences(here: duckdb.DuckDBPyConnection, name: str, file: Path) -> int:
    """Return how many rows of a table are not among those written, or the reverse."""
    columns = here.execute(f"describe from {name}").fetchall()
    kinds = {
        column: PLAIN.get(kind.split("(")[0], kind) for column, kind, *_ in columns
    }
    values = ", ".join(f'cast("{column}" as {kind})' for column, kind in kinds.items())
    there = (
        f"read_csv('{file}', header = true, nullstr = '\\N', all_varchar = true,"
        " parallel = false)"
    )
    ((count,),) = here.execute(
        f"with here as (select {values} from {name}),"
        f" there as (select {values} from {there})"
        " select count(*) from ((from here except all from there)"
        " union all (from there except all from here))"
    ).fetchall()
    return int(count)


def test_every_number_is_the_same_on_postgresql(
    disordered: Any, copied: Callable[[], Any], tmp_path: Path
) -> None:
    """Every model, of every schema, has equal contents."""
    models = [
        f"{schema}.{table}"
        for schema, table in disordered.rows(
            "select table_schema, table_name from information_schema.tables"
            f" where table_schema in {COMPARED}"
            # What a check found is in `breaks`, too.
            " and table_name not like 'rec\\_%' escape '\\' order by 1, 2"
        )
    ]
    different = {}
    with (
        closing(copied()) as connection,
        connection.cursor() as cursor,
        closing(duckdb.connect(str(disordered.warehouse), read_only=True)) as here,
    ):
        here.execute("set timezone = 'UTC'")
        cursor.execute("set timezone = 'UTC'")
        for name in models:
            file = tmp_path / f"{name}.csv"
            written(cursor, name, file)
            if count := differences(here, name, file):
                different[name] = count
            file.unlink()

    assert len(models) > 35
    assert different == {}

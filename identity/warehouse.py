"""Warehouse: the tables that a run keeps there, and a place beside it to compute in.

What is computed becomes visible at once and as a whole: a run that breaks off leaves
everything as it was. In the place beside, `changed` has the keys of records that are
new, changed or gone, `fresh_…` what takes the place of theirs, and `known_…` what will
be known of all records that these may concern.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

SCHEMA = "warehouse.identity"
RECORDS = f"{SCHEMA}.records"
KEYS = f"{SCHEMA}.reference_keys"
PAIRS = f"{SCHEMA}.pairs"
PINS = f"{SCHEMA}.pins"
LINKS = f"{SCHEMA}.links"
REVIEW = f"{SCHEMA}.review"
REDIRECTS = f"{SCHEMA}.redirects"
HIERARCHY = f"{SCHEMA}.hierarchy"
STATE = f"{SCHEMA}.state"
# What Splink and we need at once; the rest goes to the disk (8 GB are promised).
MEMORY = "4GB"

_CHANGED = "(select record_key from changed)"
# Which rows of a table make place for the fresh ones.
REPLACED = {
    RECORDS: f"record_key in {_CHANGED}",
    KEYS: f"record_key in {_CHANGED}",
    PAIRS: f"left_key in {_CHANGED} or right_key in {_CHANGED}",
    PINS: "true",
    LINKS: "record_key in (select record_key from left_behind)",
    REVIEW: "component in (select component from left_behind)",
    REDIRECTS: "true",
    HIERARCHY: "true",
    STATE: "true",
}

# Of a record, what it takes to resolve it: the rest is not read from the disk.
KNOWN = {
    RECORDS: "record_key, system, object, record_id, is_live, created_at, tax_country,"
    " tax_number, name_key, name_first, domain, country_code, parent_key",
    KEYS: "*",
}


@contextmanager
def opened(
    path: Path, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse as `warehouse`, beside a database that is gone afterwards."""
    with TemporaryDirectory(prefix="concord-identity-") as folder:
        connection = duckdb.connect(":memory:")
        try:
            connection.execute(
                f"set memory_limit = '{MEMORY}'; set temp_directory = '{folder}';"
                " set preserve_insertion_order = false; set TimeZone = 'UTC';"
                " set python_enable_replacements = false;"
                " set enable_progress_bar = false"
            )
            mode = " (read_only)" if read_only else ""
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as warehouse{mode}")
            if not read_only:
                connection.execute(f"create schema if not exists {SCHEMA}")
            yield connection
        finally:
            connection.close()


def short(table: str) -> str:
    """Return the name of a table without its place."""
    return table.rpartition(".")[2]


def gather(connection: duckdb.DuckDBPyConnection) -> None:
    """Write to `known_…` what will be known of the records in `wanted`.

    Of pairs, those whose left record is wanted: the right one is elsewhere if what
    speaks for the two is not even worth a question.
    """
    for table, columns in KNOWN.items():
        connection.execute(
            f"create or replace table known_{short(table)} as"
            f" select {columns} from {table} semi join wanted using (record_key)"
            " anti join changed using (record_key)"
            f" union all select {columns} from fresh_{short(table)}"
        )
    connection.execute(
        f"create or replace table known_pairs as select * from {PAIRS} as pairs"
        " semi join wanted on wanted.record_key = left_key"
        " anti join changed on changed.record_key = left_key"
        " anti join changed as right_changed on right_changed.record_key = right_key"
        " union all by name from fresh_pairs"
    )


def replace(
    connection: duckdb.DuckDBPyConnection,
    *,
    is_full: bool,
    kept: Collection[str] = (),
) -> None:
    """Put all that is fresh in its place, or nothing of it.

    Args:
        connection: with a `fresh_…` of each table, and `left_behind` with the records
            and components that `fresh_links` and `fresh_review` take the place of.
        is_full: nothing that was there stays.
        kept: tables that stay as they are.
    """
    connection.execute("begin")
    try:
        for table, replaced in REPLACED.items():
            fresh = f"from fresh_{short(table)}"
            if table in kept:
                continue
            if is_full:
                connection.execute(f"create or replace table {table} as {fresh}")
                continue
            connection.execute(f"delete from {table} where {replaced}")
            connection.execute(f"insert into {table} by name {fresh}")
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def is_there(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Tell whether a table of ours exists."""
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'warehouse'"
        f" and schema_name = 'identity' and table_name = '{short(table)}'"
    ).fetchall()
    return bool(found)

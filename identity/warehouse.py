"""Warehouse: the tables that a run keeps there, and a place beside it to compute in.

What is computed becomes visible at once and as a whole: a run that breaks off leaves
everything as it was. Each entity has tables of its own, with its prefix before their
names. In the place beside, `changed` has the keys of records that are
new, changed or gone, `fresh_…` what takes the place of theirs, and `known_…` what will
be known of all records that these may concern.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from identity.entities.entity import Entity

SCHEMA = "warehouse.identity"
# What Splink and we need at once; the rest goes to the disk (8 GB are promised).
MEMORY = "4GB"

_CHANGED = "(select record_key from changed)"
# Which rows of a table make place for the fresh ones.
REPLACED = {
    "records": f"record_key in {_CHANGED}",
    "reference_keys": f"record_key in {_CHANGED}",
    "pairs": f"left_key in {_CHANGED} or right_key in {_CHANGED}",
    "pins": "true",
    "links": "record_key in (select record_key from left_behind)",
    "review": "component in (select component from left_behind)",
    "redirects": "true",
    "hierarchy": "true",
    "state": "true",
}
_KNOWN = "record_key, system, object, record_id, is_live, created_at"


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


def table(entity: Entity, name: str) -> str:
    """Return where one of an entity's tables is."""
    return f"{SCHEMA}.{entity.prefix}{name}"


def gather(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Write to `known_…` what will be known of the records in `wanted`.

    Of a record, what it takes to resolve it: the rest is not read from the disk. Of
    pairs, those whose left record is wanted: the right one is elsewhere if what speaks
    for the two is not even worth a question.
    """
    told = ", ".join((_KNOWN, *entity.rules.columns))
    for name, columns in (("records", told), ("reference_keys", "*")):
        connection.execute(
            f"create or replace table known_{name} as"
            f" select {columns} from {table(entity, name)}"
            " semi join wanted using (record_key)"
            " anti join changed using (record_key)"
            f" union all select {columns} from fresh_{name}"
        )
    connection.execute(
        "create or replace table known_pairs as"
        f" select * from {table(entity, 'pairs')} as pairs"
        " semi join wanted on wanted.record_key = left_key"
        " anti join changed on changed.record_key = left_key"
        " anti join changed as right_changed on right_changed.record_key = right_key"
        " union all by name from fresh_pairs"
    )


def replace(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    *,
    is_full: bool,
    kept: Collection[str] = (),
) -> None:
    """Put all that is fresh in its place, or nothing of it.

    Args:
        connection: with a `fresh_…` of each table, and `left_behind` with the records
            and components that `fresh_links` and `fresh_review` take the place of.
        entity: whose tables they are.
        is_full: nothing that was there stays.
        kept: tables that stay as they are.
    """
    connection.execute("begin")
    try:
        for name, replaced in REPLACED.items():
            if name in kept:
                continue
            place, fresh = table(entity, name), f"from fresh_{name}"
            if is_full:
                connection.execute(f"create or replace table {place} as {fresh}")
                continue
            connection.execute(f"delete from {place} where {replaced}")
            connection.execute(f"insert into {place} by name {fresh}")
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def is_there(connection: duckdb.DuckDBPyConnection, entity: Entity, name: str) -> bool:
    """Tell whether one of an entity's tables exists."""
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = 'warehouse'"
        f" and schema_name = 'identity' and table_name = '{entity.prefix}{name}'"
    ).fetchall()
    return bool(found)

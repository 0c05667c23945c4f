"""Publication: after a run, a read-only copy for the people who look at numbers.

A reader and a writer cannot share a DuckDB file, so people read a copy with a new name
each time, and `current.json` is swapped in by rename once the copy is whole.
"""

import json
import os
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.systems import SYSTEMS
from operations.store import Store
from orchestration.home import Home
from orchestration.reference import insert, write_reference

# The copies before the current one stay for readers that still have them open.
KEPT = 3
SCHEMAS = ("marts", "reconciliation")
# What a number is drilled to: who, under which contract, by which invoice.
TABLES = tuple(
    f"canonical.{name}"
    for name in (
        "contracts",
        "credit_notes",
        "customer_field_values",
        "customer_records",
        "customers",
        "entitlements",
        "fiscal_periods",
        "invoices",
        "legal_entities",
        "opportunities",
        "payments",
        "products",
        "refunds",
        "subscriptions",
        "tickets",
    )
)

TOTALS = """
select metric, value from marts.metric_values
where level = 'company' and unit = 'usd_minor'
    and month = (select max(month) from marts.metric_values)
    and metric in (
        'arr', 'billings', 'booked_tcv', 'cash_collected', 'deferred_revenue',
        'receivables', 'recognized_revenue'
    )
order by metric
"""
OPEN_EXCEPTIONS = """
select fingerprint, kind, subject, severity, owner, record_key, customer_id,
    difference_minor, currency, opened_at, detail, state, due_at, escalation, reopened
from exceptions where closed_at is null and state <> 'accepted'
"""
RESULTS = """
select check_id, at, status, compared, breaks, explained, difference_usd_minor
from check_results
"""
CHANGES = """
select system, object, state, count(*) as changes
from changes group by system, object, state
"""


def publish(home: Home, run_id: str, at: datetime) -> Path:
    """Write the next copy and point `current.json` at it; returns the copy."""
    home.published.mkdir(parents=True, exist_ok=True)
    before = sorted(home.published.glob("revenue_*.duckdb"))
    number = int(before[-1].stem.split("_")[1]) + 1 if before else 1
    copy = home.published / f"revenue_{number:06d}.duckdb"
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    with duckdb.connect(str(part)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        _copy_models(connection, home.warehouse)
        _copy_operations(connection, home.operations)
        _copy_freshness(connection)
        write_reference(connection, home)
    os.replace(part, copy)  # noqa: PTH105  # the rename is the point
    _point_at(home, copy, run_id, at)
    for old in before[: -(KEPT - 1)]:
        old.unlink(missing_ok=True)
    return copy


def totals(copy: Path) -> dict[str, int]:
    """Return the company's amounts of the last month, in US cents, by metric.

    The UI draws them over runs: a number that jumps without news is seen there first.
    """
    with duckdb.connect(str(copy), read_only=True) as connection:
        return {
            f"{metric}_usd_minor": value
            for metric, value in connection.execute(TOTALS).fetchall()
        }


def _copy_models(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    named = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and table_schema in (?, ?)"
        # What all checks found stands in two tables.
        " and table_name not like 'rec\\_%' escape '\\'",
        list(SCHEMAS),
    ).fetchall()
    for schema in (*SCHEMAS, "canonical", "operations"):
        connection.execute(f"create schema {schema}")
    for table in [*(row[0] for row in named), *TABLES]:
        connection.execute(f"create table {table} as from warehouse.{table}")


def _copy_operations(connection: duckdb.DuckDBPyConnection, operations: Path) -> None:
    with Store(operations) as store:
        exceptions = [tuple(row) for row in store.rows(OPEN_EXCEPTIONS)]
        results = [tuple(row) for row in store.rows(RESULTS)]
        changes = [tuple(row) for row in store.rows(CHANGES)]
    connection.execute(
        "create table operations.exceptions (fingerprint varchar, kind varchar,"
        " subject varchar, severity varchar, owner varchar, record_key varchar,"
        " customer_id varchar, difference_minor bigint, currency varchar,"
        " opened_at timestamptz, detail json, state varchar, due_at timestamptz,"
        " escalation bigint, reopened bigint)"
    )
    connection.execute(
        "create table operations.check_results (check_id varchar,"
        " checked_at timestamptz,"
        " status varchar, compared bigint, breaks bigint, explained bigint,"
        " difference_usd_minor bigint)"
    )
    connection.execute(
        "create table operations.changes (system varchar, object varchar,"
        " state varchar, changes bigint)"
    )
    insert(connection, "operations.exceptions", exceptions)
    insert(connection, "operations.changes", changes)
    insert(connection, "operations.check_results", results)


def _copy_freshness(connection: duckdb.DuckDBPyConnection) -> None:
    """Say per raw table how many rows there are and when dlt last loaded some."""
    connection.execute(
        "create table operations.freshness (system varchar, stream varchar,"
        " rows bigint, loaded_at timestamptz)"
    )
    selects = (
        f"select '{system.name}', '{stream.name}', count(*),"
        " to_timestamp(max(try_cast(_dlt_load_id as double)))"
        f" from warehouse.{system.schema}.{stream.name}"
        for system in SYSTEMS
        for stream in system.streams
    )
    connection.execute(
        f"insert into operations.freshness {' union all '.join(selects)}"
    )


def _point_at(home: Home, copy: Path, run_id: str, at: datetime) -> None:
    pointer = home.published / "current.json"
    part = pointer.with_suffix(".part")
    part.write_text(
        json.dumps(
            {
                "file": copy.name,
                "as_of": home.as_of.isoformat(),
                "published_at": at.isoformat(timespec="seconds"),
                "run_id": run_id,
            }
        ),
        encoding="utf-8",
    )
    os.replace(part, pointer)  # noqa: PTH105  # readers see the old or the new

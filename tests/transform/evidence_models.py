"""The models that stand on the copy of the operations store, over invented evidence.

They are compiled once; their SQL then runs in memory, in the order of their references.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from operations.store import Store
from reverse_etl.evidence import copy_evidence

PROJECT = Path(__file__).parents[2] / "transform"
SEEDS = PROJECT / "seeds"
SELECTED = (
    "path:models/staging/operations+",
    "operational_metrics",
    "--exclude",
    "breaks",
    "check_results",
)
# What the rest of the warehouse would say; none of it, unless a case says so.
OTHERS = (
    *("orders", "fiscal_periods", "invoices", "credit_notes"),
    "reporting_cells_monthly",
)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


class EvidenceModels:
    """Compiled models, to be run over rows of the operations store."""

    def __init__(self, dbt: Any, folder: Path) -> None:
        """Compile against a warehouse whose copy of the store is empty."""
        warehouse = folder / "warehouse.duckdb"
        with (
            Store(folder / "operations.sqlite") as store,
            closing(duckdb.connect(str(warehouse))) as connection,
        ):
            copy_evidence(store, connection)
            self._tables = connection.execute(
                "select sql from duckdb_tables() where schema_name = 'operations'"
            ).fetchall()
        results = dbt.run("compile", "--select", *SELECTED, warehouse=warehouse).results
        nodes = [
            result.node for result in results if result.node.resource_type == "model"
        ]
        graph = {node.name: _parents(node) for node in nodes}
        order = list(TopologicalSorter(graph).static_order())
        self._nodes = sorted(nodes, key=lambda node: order.index(node.name))
        manifest = dbt.manifest
        others = [manifest.nodes[f"model.concord.{name}"] for name in OTHERS]
        self._stated = {
            f"{node.schema}.{node.name}": [
                (column.name, column.data_type) for column in node.columns.values()
            ]
            for node in others
        }

    @contextmanager
    def over(self, rows: Rows, *wanted: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Run what the wanted models stand on, and them, over rows by table."""
        needed = self._needed(wanted)
        with closing(duckdb.connect()) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute("attach ':memory:' as warehouse; use warehouse")
            for schema in ("operations", "staging", "intermediate", "canonical"):
                connection.execute(f"create schema {schema}")
            connection.execute("create schema marts; create schema reconciliation")
            for (statement,) in self._tables:
                connection.execute(statement)
            self._others(connection)
            for table, given in rows.items():
                _fill(connection, table, given)
            for node in self._nodes:
                if node.name in needed:
                    connection.execute(
                        f"create table {node.schema}.{node.name} as"
                        f" {node.compiled_code}"
                    )
            yield connection

    def sql(self, name: str) -> str:
        """Return the SQL of one model."""
        (found,) = (node for node in self._nodes if node.name == name)
        return str(found.compiled_code)

    def _needed(self, wanted: Sequence[str]) -> set[str]:
        needed = set(wanted)
        for node in reversed(self._nodes):
            if node.name in needed:
                needed |= _parents(node)
        return needed

    def _others(self, connection: duckdb.DuckDBPyConnection) -> None:
        for name, columns in self._stated.items():
            declared = ", ".join(f'"{column}" {kind}' for column, kind in columns)
            connection.execute(f"create table {name} ({declared})")
        for name in (
            "policy/source_service_levels",
            "policy/operational_metric_versions",
            "currencies",
        ):
            connection.execute(
                f"create table staging.{Path(name).name} as"
                f" from read_csv('{SEEDS / name}.csv', header = true)"
            )


def _parents(node: Any) -> set[str]:
    prefix = "model.concord."
    return {
        name.removeprefix(prefix)
        for name in node.depends_on.nodes
        if name.startswith(prefix)
    }


def _fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        values = [
            json.dumps(value) if isinstance(value, dict) else value
            for value in row.values()
        ]
        connection.execute(
            f"insert into {table} ({names}) values ({', '.join('?' * len(row))})",
            values,
        )

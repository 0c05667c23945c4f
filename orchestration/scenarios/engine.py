"""Engine: the compiled revenue models, run over tables in memory."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from orchestration.home import TRANSFORM

# Tables that a scenario fills; in production these models read the canonical ones.
INPUTS = {
    "revenue_contracts": (
        "contract_id varchar, customer_id varchar, entity varchar, currency varchar,"
        " functional_currency varchar, signed_on date, hold_reason varchar"
    ),
    "revenue_obligations": (
        "contract_id varchar, obligation_id varchar, added_by varchar,"
        " product_id varchar, method varchar, starts_on date, ends_before date,"
        " amount_minor bigint, stated_ssp_minor bigint, quantity_micros bigint,"
        " total_units bigint, unit_price_micros bigint, is_unconditional boolean,"
        " returns_minor bigint, returns_cost_minor bigint"
    ),
    "revenue_standalone_prices": (
        "product_id varchar, currency varchar, valid_from date, low_minor bigint,"
        " mid_minor bigint, high_minor bigint, per varchar, is_approved boolean"
    ),
    "revenue_events": (
        "event_id varchar, contract_id varchar, kind varchar, event_on date,"
        " recorded_on date, posts_on date, obligation_id varchar, invoice_id varchar,"
        " amount_minor bigint, tax_minor bigint, cost_minor bigint,"
        " quantity_micros bigint, units bigint, percent_units bigint,"
        " is_complete boolean, unit_price_micros bigint, treatment varchar,"
        " reason varchar, decided_by varchar, is_unconditional boolean,"
        " settle_role varchar"
    ),
    "revenue_event_lines": (
        "event_id varchar, obligation_id varchar, amount_minor bigint, tax_minor bigint"
    ),
    "revenue_changes": (
        "event_id varchar, contract_id varchar, obligation_id varchar,"
        " amount_minor bigint, ends_before date, total_units bigint,"
        " ssp_minor bigint, treatment varchar, unit_price_micros bigint,"
        " is_cancelled boolean"
    ),
    "revenue_pauses": (
        "event_id varchar, contract_id varchar, obligation_id varchar,"
        " paused_on date, resumes_on date"
    ),
    "revenue_contract_costs": (
        "contract_id varchar, cost_id varchar, amount_minor bigint,"
        " incurred_on date, is_incremental boolean, starts_on date, ends_before date"
    ),
    "revenue_rates": (
        "from_currency varchar, to_currency varchar, valid_from date,"
        " valid_before date, numerator bigint, denominator bigint"
    ),
    "revenue_months": "month date, closes_before date, is_posted boolean",
    "revenue_closes": "entity varchar, month date, closed_on date",
}
REFERENCE = re.compile(r'(?:"\w+"\.)?"revenue"\."(\w+)"')
# A table of another layer: what reads one compares the subledger with other systems.
ELSEWHERE = re.compile(r'"(?!revenue")\w+"\."\w+"(?!\.)')


@dataclass(frozen=True)
class Engine:
    """The models' SQL, by name, in an order in which they can be built."""

    models: Mapping[str, str]

    def run(self, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> "Subledger":
        """Return what the models make of the inputs' rows."""
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'; set threads = 1")
        for table, columns in INPUTS.items():
            connection.execute(f"create table {table} ({columns})")
            filled = list(rows.get(table, ()))
            names = [column.split()[0] for column in columns.split(", ")]
            if filled:
                connection.executemany(
                    f"insert into {table} values ({', '.join('?' * len(names))})",
                    [[row.get(name) for name in names] for row in filled],
                )
        for model, query in self.models.items():
            connection.execute(f"create table {model} as {query}")
        return Subledger(connection)


@dataclass(frozen=True)
class Subledger:
    """The tables of one run."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return list(self.connection.execute(query, values).fetchall())


def engine_of(compiled: Mapping[str, str]) -> Engine:
    """Return the engine of compiled models.

    Args:
        compiled: SQL of all models of revenue by name; the inputs among them, what
            those stand on, and what needs another layer too are left out.
    """
    sources: set[str] = set(INPUTS)
    waiting = list(INPUTS)
    while waiting:
        found = REFERENCE.findall(compiled.get(waiting.pop(), ""))
        waiting += [name for name in found if name not in sources]
        sources.update(found)
    engine = {name: sql for name, sql in compiled.items() if name not in sources}
    left_out = {name for name, sql in engine.items() if ELSEWHERE.search(sql)}
    while left_out:
        engine = {name: sql for name, sql in engine.items() if name not in left_out}
        left_out = {
            name
            for name, sql in engine.items()
            if set(REFERENCE.findall(sql)) - engine.keys() - sources
        }
    needs = {
        name: {other for other in REFERENCE.findall(sql) if other in engine}
        for name, sql in sorted(engine.items())
    }
    order = TopologicalSorter(needs).static_order()
    return Engine({name: REFERENCE.sub(r'"\1"', engine[name]) for name in order})


@cache
def engine() -> Engine:
    """Return the project's engine, compiled by dbt when the project has changed."""
    kept = TRANSFORM / "target" / f"revenue-{_fingerprint()}.json"
    if not kept.exists():
        compiled = compile_models()
        kept.parent.mkdir(exist_ok=True)
        for old in kept.parent.glob("revenue-*.json"):
            old.unlink()
        kept.write_text(json.dumps(compiled), encoding="utf-8")
    return engine_of(json.loads(kept.read_text(encoding="utf-8")))


def compile_models() -> dict[str, str]:
    """Return the SQL of the revenue models as dbt writes it."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("CONCORD_WAREHOUSE")
        os.environ["CONCORD_WAREHOUSE"] = str(Path(folder) / "warehouse.duckdb")
        try:
            outcome = dbtRunner().invoke(
                [
                    *("compile", "--quiet", "--select", "path:models/revenue"),
                    *(
                        "--project-dir",
                        str(TRANSFORM),
                        "--profiles-dir",
                        str(TRANSFORM),
                    ),
                    *("--target-path", folder, "--log-level-file", "none"),
                ]
            )
        finally:
            _let_go()
            if before is None:
                del os.environ["CONCORD_WAREHOUSE"]
            else:
                os.environ["CONCORD_WAREHOUSE"] = before
    if outcome.exception is not None:
        raise outcome.exception
    return {
        each.node.name: each.node.compiled_code
        for each in outcome.result.results
        if each.node.resource_type == "model"
    }


def _let_go() -> None:
    """Close dbt's connection, which outlives its invocation."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _fingerprint() -> str:
    """Return what changes with the models and macros."""
    digest = hashlib.sha256()
    for folder in ("macros", "models/revenue"):
        for path in sorted((TRANSFORM / folder).rglob("*.sql")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]

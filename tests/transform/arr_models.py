"""The models of ARR outside dbt: compiled once, then run over invented contracts."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

AS_OF = date(2026, 10, 31)
FIRST_MONTH = date(2025, 9, 1)
# Rows are added to these and stay.
APPENDED = ("arr_reported", "arr_reported_records")
AS_WAS = "arr_movements_as_was"
# Models with others that they need; contracts, currencies and months are invented.
SELECTED = (
    *("int_metric_policies__steps", "int_contracts__suspended", "usd_rates_monthly"),
    *("arr_segments+", "customer_parents_monthly"),
)
POLICIES = {
    "churn_recognised": "term_end",
    "counts_past_due": "yes",
    "counts_paused": "no",
    "counts_trial": "no",
    "discount_in_mrr": "all",
    "late_renewal_grace_days": "90",
    "pause_days": "90",
    "reactivation_grace_days": "0",
    "reporting_lag_days": "7",
}
MEASURES = ("minor", "usd_minor", "reported_usd_minor")
SCHEMAS = ("staging", "intermediate", "canonical", "marts")
INPUTS = """
create or replace table warehouse.canonical.contract_segments (
    segment_id varchar, customer_id varchar, customer_record_key varchar,
    contract_id varchar, legal_entity_code varchar, product_id varchar, signed_on date,
    starts_on date, ends_before date, quantity decimal(38, 9),
    is_discount_permanent boolean, gross_arr_minor bigint, arr_minor bigint,
    currency varchar, is_recurring boolean
);
create or replace table warehouse.canonical.exchange_rates (
    from_currency varchar, to_currency varchar, rate_type varchar, rate_on date,
    replaced_on date, rate decimal(20, 10)
);
create or replace table warehouse.canonical.customers (
    customer_id varchar, segment varchar
);
create or replace table warehouse.canonical.customer_hierarchies (
    ancestor_id varchar, descendant_id varchar, depth integer, basis varchar,
    valid_from timestamptz, valid_to timestamptz
);
create or replace table warehouse.intermediate.int_contracts__suspensions (
    salesforce_contract_id varchar, kind varchar, starts_on date, ends_before date
);
create or replace table warehouse.intermediate.int_contracts__endings (
    salesforce_contract_id varchar, cancelled_on date, ending varchar
);
create or replace table warehouse.intermediate.int_calendar__months (
    month date, next_month date, closes_before date
);
create or replace table warehouse.staging.metric_policies (
    policy varchar, policy_version integer, value varchar, valid_from date
);
create or replace table warehouse.staging.currencies (
    currency varchar, minor_per_major bigint, usd_micros_per_minor bigint
);
insert into warehouse.staging.currencies
values ('USD', 100, 1000000), ('EUR', 100, 1100000), ('JPY', 1, 670000);
create or replace table warehouse.staging.plan_ranks (
    product_id varchar, plan varchar, plan_rank integer
);
insert into warehouse.staging.plan_ranks
values ('PLT-GROWTH', 'platform', 1), ('PLT-ENTERPRISE', 'platform', 2);
"""
# Dollars for one unit at the end of the n-th month: rates that move.
SPOT: dict[str, Callable[[int], str]] = {
    "EUR": lambda n: f"{1.07 + 0.0137 * (n % 5):.4f}",
    "JPY": lambda n: f"{0.0066 + 0.00013 * (n % 7):.5f}",
}


@dataclass(frozen=True)
class Segment:
    """What a contract line brings in from one day until before another."""

    segment: str
    customer: str
    contract: str
    product: str
    currency: str
    entity: str
    starts_on: date
    ends_before: date
    quantity: int
    unit_minor: int | Fraction
    percent_off: int = 0
    is_forever: bool = False
    record: str = ""
    signed_on: date | None = None

    @property
    def gross_minor(self) -> int:
        """Return what it brings in twelve months before the discount."""
        return int(12 * self.quantity * self.unit_minor)

    @property
    def arr_minor(self) -> int:
        """Return what it brings in twelve months; units cost whole hundreds."""
        return self.gross_minor - self.gross_minor * self.percent_off // 100

    def values(self) -> str:
        """Return the row of contract_segments as SQL."""
        return (
            f"('{self.segment}', '{self.customer}',"
            f" '{self.record or 'record of ' + self.customer}', '{self.contract}',"
            f" '{self.entity}', '{self.product}',"
            f" date '{self.signed_on or self.starts_on}', date '{self.starts_on}',"
            f" date '{self.ends_before}', {self.quantity},"
            f" {str(self.is_forever).lower()}, {self.gross_minor}, {self.arr_minor},"
            f" '{self.currency}', true)"
        )


@dataclass(frozen=True)
class Suspension:
    """Days in which a contract may not count."""

    contract: str
    kind: str
    starts_on: date
    ends_before: date | None


@dataclass(frozen=True)
class Inputs:
    """What the models read."""

    segments: Sequence[Segment]
    as_of: date = AS_OF  # the day the numbers are stated for
    # version, policy, value and first day, of later versions than the first
    policies: Sequence[tuple[int, str, str, date]] = ()
    suspensions: Sequence[Suspension] = ()
    # contract, day of cancelling and how it ends
    endings: Sequence[tuple[str, date | None, str]] = ()
    above: Sequence[tuple[str, str]] = ()  # parent and child
    markets: Sequence[tuple[str, str]] = ()  # customer and segment of the market


@dataclass
class ArrCompany:
    """Contracts and what the models make of them, in memory, when somebody looks."""

    compiled: dict[str, tuple[str, str]]  # schema and SQL by model
    connection: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    as_of: date = AS_OF
    built: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Lay out an empty warehouse."""
        self.connection.execute(
            "set timezone = 'UTC'; set threads = 1; attach ':memory:' as warehouse"
        )
        for schema in SCHEMAS:
            self.connection.execute(f"create schema warehouse.{schema}")
        for model in APPENDED:
            self.connection.execute(
                f"create table warehouse.marts.{model} (month date)"
            )

    def build(self, segments: Sequence[Segment], **more: Any) -> "ArrCompany":
        """Take in contracts; what was reported before stays.

        Args:
            segments: in any order.
            more: the other fields of Inputs.
        """
        inputs = Inputs(segments, **more)
        self._write(inputs)
        self.as_of, self.built = inputs.as_of, set()
        return self

    def report(self) -> "ArrCompany":
        """Record the months that are over."""
        for model in APPENDED:
            self._need(model)
        return self

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query, tables named as in the warehouse."""
        for model in re.findall(r"warehouse\.marts\.(\w+)", query):
            self._need(model)
        return self.connection.execute(query).fetchall()

    def table(self, model: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return all rows of a mart, sorted."""
        return sorted(
            self.rows(f"select {columns} from warehouse.marts.{model}"), key=repr
        )

    def close(self) -> None:
        """Let go of the memory."""
        self.connection.close()

    def _need(self, model: str) -> None:
        """Build a model and what it stands on, unless it is there."""
        if model in self.built or model not in self.compiled:
            return
        self.built.add(model)
        schema, query = self.compiled[model]
        for other in re.findall(r'"warehouse"\."\w+"\."(\w+)"', query):
            self._need(other)
        # The day is a variable of the project, and compiled in.
        stated = query.replace(f"'{AS_OF}'", f"'{self.as_of}'")
        place = f"warehouse.{schema}.{model}"
        if model not in APPENDED:
            self.connection.execute(f"create or replace table {place} as {stated}")
            return
        if len(self.connection.execute(f"describe {place}").fetchall()) == 1:
            self.connection.execute(
                f"create or replace temp table shape as {stated};"
                f" create or replace table {place} as from shape limit 0"
            )
        self.connection.execute(f"insert into {place} {stated}")

    def _write(self, inputs: Inputs) -> None:
        as_of = inputs.as_of
        first = [(1, name, value, date(2000, 1, 1)) for name, value in POLICIES.items()]
        self.connection.execute(INPUTS)
        for table, rows in {
            "canonical.contract_segments": [each.values() for each in inputs.segments],
            "intermediate.int_contracts__suspensions": [
                f"('{each.contract}', '{each.kind}', {sql(each.starts_on)},"
                f" {sql(each.ends_before)})"
                for each in inputs.suspensions
            ],
            "intermediate.int_contracts__endings": [
                f"('{contract}', {sql(cancelled_on)}, '{ending}')"
                for contract, cancelled_on, ending in inputs.endings
            ],
            "intermediate.int_calendar__months": [
                f"({sql(month)}, {sql(following)},"
                f" {sql(min(following, as_of + timedelta(days=1)))})"
                for month, following in calendar(as_of)
            ],
            "staging.metric_policies": [
                f"('{name}', {version}, '{value}', {sql(since)})"
                for version, name, value, since in [*first, *inputs.policies]
            ],
            "canonical.exchange_rates": list(spot_rates(as_of)),
            "canonical.customer_hierarchies": [
                f"('{parent}', '{child}', 1, 'sales', timestamptz '2026-11-01', null)"
                for parent, child in inputs.above
            ],
            "canonical.customers": [
                f"('{customer}', '{market}')" for customer, market in inputs.markets
            ],
        }.items():
            if rows:
                self.connection.execute(
                    f"insert into warehouse.{table} values {', '.join(rows)}"
                )


def calendar(as_of: date) -> Iterator[tuple[date, date]]:
    """Return the months up to a day, each with the next one."""
    month = FIRST_MONTH
    while month <= as_of:
        following = (month + timedelta(days=31)).replace(day=1)
        yield month, following
        month = following


def spot_rates(as_of: date) -> Iterator[str]:
    """Return the rates of the months' first days as SQL."""
    months = list(calendar(as_of))
    for currency, rate in SPOT.items():
        for n, (month, following) in enumerate(months):
            until = following if n + 1 < len(months) else None
            yield (
                f"('{currency}', 'USD', 'spot', {sql(month)}, {sql(until)}, {rate(n)})"
            )


def sql(day: date | None) -> str:
    """Return a day as SQL."""
    return "null" if day is None else f"date '{day}'"


def compiled(dbt: Any, folder: Path) -> dict[str, tuple[str, str]]:
    """Return schema and SQL of the models by name.

    They are compiled against a warehouse in which months were reported before, so that
    what adds to them is what runs when a month closes.
    """
    warehouse = folder / "warehouse.duckdb"
    with closing(duckdb.connect(str(warehouse))) as connection:
        connection.execute("create schema marts")
        for model in APPENDED:
            connection.execute(f"create table marts.{model} (month date)")
    results = dbt.run("compile", "--select", *SELECTED, warehouse=warehouse).results
    return {
        result.node.name: (result.node.schema, result.node.compiled_code)
        for result in results
        if result.node.resource_type == "model"
        and result.node.schema != "reconciliation"
    }

"""Orders and invoices of one contract, and what the revenue models make of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from graphlib import TopologicalSorter
from typing import Any

import duckdb

from orchestration.scenarios.engine import REFERENCE

# The columns of the canonical layer that the revenue models read.
TABLES = {
    "canonical.contracts": (
        "contract_id text, customer_id text, legal_entity_code text, currency text,"
        " status text, starts_on date, ends_on date, monthly_minimum_minor bigint,"
        " contract_number text"
    ),
    "canonical.legal_entities": "legal_entity_code text, functional_currency text",
    "canonical.orders": (
        "order_id text, contract_id text, order_number text, starts_on date,"
        " activated_on date"
    ),
    "canonical.order_lines": (
        "order_line_id text, order_id text, contract_id text, product_id text,"
        " supersedes_line_id text, action text, revenue_type text,"
        " quantity decimal(38, 9), starts_on date, ends_before date, tcv_minor bigint"
    ),
    "canonical.contract_modifications": (
        "order_id text, contract_id text, modified_on date, recorded_at timestamptz,"
        " treatment text, decided_by text, rationale text"
    ),
    "canonical.price_book_entries": (
        "product_id text, currency text, list_minor bigint, is_standard boolean,"
        " is_active boolean, valid_from timestamptz"
    ),
    "canonical.customers": "customer_id text, legal_name text",
    "canonical.products": "product_id text, revenue_type text, name text",
    "canonical.subscriptions": "subscription_id text, contract_id text",
    "canonical.usage_charges": (
        "usage_charge_id text, billing_system text, billing_customer_id text,"
        " subscription_id text, product_id text, meter_id text, starts_on date,"
        " ends_before date, amount_minor bigint"
    ),
    "canonical.usage_days": (
        "billing_system text, billing_customer_id text, subscription_id text,"
        " meter_id text, used_on date, quantity decimal(38, 9)"
    ),
    "canonical.invoices": (
        "invoice_id text, subscription_id text, status text, issued_on date,"
        " voided_on date, tax_minor bigint, total_minor bigint, number text"
    ),
    "canonical.invoice_lines": (
        "invoice_line_id text, invoice_id text, subscription_id text,"
        " product_id text, revenue_type text, net_minor bigint, tax_minor bigint,"
        " issued_on date, starts_on date, ends_before date"
    ),
    "canonical.payments": (
        "payment_id text, invoice_id text, status text, paid_on date,"
        " amount_minor bigint"
    ),
    "canonical.credit_notes": (
        "credit_note_id text, invoice_id text, refund_id text, status text,"
        " issued_on date, net_minor bigint, tax_minor bigint, reason_code text"
    ),
    "canonical.refunds": (
        "refund_id text, invoice_id text, credit_note_id text, status text,"
        " refunded_on date, amount_minor bigint"
    ),
    "canonical.disputes": (
        "dispute_id text, invoice_id text, withdrawn_on date, returned_on date,"
        " withdrawn_minor bigint"
    ),
    "canonical.exchange_rates": (
        "from_currency text, to_currency text, rate_type text, rate_on date,"
        " replaced_on date, rate decimal(20, 10)"
    ),
    "canonical.fiscal_periods": (
        "legal_entity_code text, starts_on date, locked_at timestamptz,"
        " is_adjustment boolean"
    ),
    "canonical.subscription_segments": (
        "contract_id text, product_id text, valid_from date, valid_to date,"
        " recorded_to timestamptz, is_recurring boolean, is_paused boolean"
    ),
    "staging.currencies": "currency text, minor_per_major bigint",
    "staging.pause_policies": "valid_from date, treatment text, decided_by text",
}
INPUT = re.compile(r'"(canonical|staging)"\."(\w+)"')
JANUARY, NEXT_JANUARY = date(2025, 1, 1), date(2026, 1, 1)


@dataclass(frozen=True)
class Line:
    """A line of an order; the first order has the number 0."""

    key: str
    order: int
    tcv_minor: int
    starts_on: date = JANUARY
    ends_before: date = NEXT_JANUARY
    quantity: int = 1
    action: str = "new"
    follows: str | None = None
    product: str = "SEAT"


@dataclass(frozen=True)
class Bill:
    """An invoice with one line."""

    key: str
    issued_on: date
    net_minor: int
    starts_on: date
    ends_before: date
    product: str = "SEAT"
    voided_on: date | None = None


@dataclass
class Facts:
    """One contract's orders, decisions and invoices."""

    lines: Sequence[Line]
    bills: Sequence[Bill] = ()
    # order, day, treatment, and the day on which it became known
    modified: Sequence[tuple[int, date, str | None, date]] = ()
    # first days of closed months and the days on which they were closed
    closed: Sequence[tuple[date, date]] = ()
    minimum_minor: int | None = None
    # first days without service, and the days on which it was there again
    paused: Sequence[tuple[date, date | None]] = ()
    # treatments of pauses and the first days on which they are in force
    pause_policies: Sequence[tuple[date, str]] = ((JANUARY, "extend"),)
    # units of API by day, in the usage periods that these days begin
    used: Mapping[tuple[date, date], Mapping[date, int]] = field(default_factory=dict)
    signed_before: timedelta = timedelta(0)
    status: str = "activated"
    ends_on: date = field(default=NEXT_JANUARY - timedelta(days=1))

    def rows(self) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """Return the rows of the tables that have some."""
        started: dict[int, date] = {}
        for line in self.lines:
            started.setdefault(line.order, line.starts_on)
        return {
            "canonical.contracts": [
                (
                    *("C", "customer", "US", "USD", self.status, JANUARY),
                    *(self.ends_on, self.minimum_minor, "1001"),
                )
            ],
            "canonical.legal_entities": [("US", "USD")],
            "canonical.orders": [
                (f"o{number}", "C", f"{number:03}", day, day - self.signed_before)
                for number, day in started.items()
            ],
            "canonical.order_lines": [
                (
                    *(line.key, f"o{line.order}", "C", line.product, line.follows),
                    line.action,
                    "usage" if line.product == "API" else "recurring",
                    *(line.quantity, line.starts_on, line.ends_before),
                    line.tcv_minor,
                )
                for line in self.lines
            ],
            "canonical.contract_modifications": [
                (
                    *(f"o{order}", "C", day, known),
                    *((treatment, "finance", "As usual") if treatment else [None] * 3),
                )
                for order, day, treatment, known in self.modified
            ],
            "canonical.price_book_entries": [
                (product, "USD", 1_000, True, True, JANUARY)
                for product in ("SEAT", "EXTRA")
            ],
            "canonical.customers": [("customer", "Acme Inc.")],
            "canonical.products": [
                (product, "recurring", product.title()) for product in ("SEAT", "EXTRA")
            ],
            "canonical.subscriptions": [("S", "C")],
            "canonical.usage_charges": [
                (
                    *(f"u{number}", "stripe", "cus", "S", "API", "meter"),
                    *(starts_on, ends_before, sum(by_day.values())),
                )
                for number, ((starts_on, ends_before), by_day) in enumerate(
                    self.used.items()
                )
            ],
            "canonical.usage_days": [
                ("stripe", "cus", None, "meter", day, units)
                for by_day in self.used.values()
                for day, units in by_day.items()
            ],
            "canonical.invoices": [
                (
                    *(bill.key, "S", "void" if bill.voided_on else "open"),
                    *(bill.issued_on, bill.voided_on, 0, bill.net_minor),
                    f"No. {bill.key}",
                )
                for bill in self.bills
            ],
            "canonical.invoice_lines": [
                (
                    *(f"l{bill.key}", bill.key, "S", bill.product, "recurring"),
                    *(bill.net_minor, 0, bill.issued_on, bill.starts_on),
                    bill.ends_before,
                )
                for bill in self.bills
            ],
            "canonical.fiscal_periods": [
                ("US", month, closed_on, False) for month, closed_on in self.closed
            ],
            "canonical.subscription_segments": [
                ("C", "SEAT", starts_on, ends_before, None, True, True)
                for starts_on, ends_before in self.paused
            ],
            "staging.currencies": [("USD", 100)],
            "staging.pause_policies": [
                (day, treatment, "finance") for day, treatment in self.pause_policies
            ],
        }


@dataclass(frozen=True)
class Books:
    """What the revenue models make of the facts."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(query).fetchall()

    def flows(self, role: str) -> dict[str, int]:
        """Return what an account moved by in each month, on its credit side."""
        return dict(
            self.rows(
                "select strftime(month, '%Y-%m'), -sum(amount_minor) from"
                f" revenue.revenue_journal where account_role = '{role}'"
                " group by 1 having sum(amount_minor) <> 0"
            )
        )

    def holds(self) -> list[str]:
        """Return the reasons for which the contract is held."""
        found = self.rows("select reason from revenue.revenue_holds order by 1")
        return [str(row[0]) for row in found]


@contextmanager
def booked(
    models: Mapping[str, str], facts: Facts, warehouse: str = ":memory:"
) -> Iterator[Books]:
    """Run all revenue models over the facts, in memory or in a file."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{warehouse}' as warehouse; use warehouse")
        for schema in ("canonical", "staging", "revenue"):
            connection.execute(f"create schema {schema}")
        rows = facts.rows()
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({columns})")
            for row in rows.get(table, ()):
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {table} values ({marks})", row)
        build(connection, models)
        yield Books(connection)


def build(connection: duckdb.DuckDBPyConnection, models: Mapping[str, str]) -> None:
    """Build the models, each after those that it reads.

    Drafts for an ERP read its ledger, no fact of a contract: they are left out.
    """
    needs = {name: set(REFERENCE.findall(sql)) for name, sql in models.items()}
    left_out = set()
    for name in TopologicalSorter(needs).static_order():
        read = {".".join(table) for table in INPUT.findall(models[name])}
        if read - TABLES.keys() or needs[name] & left_out:
            left_out.add(name)
            continue
        connection.execute(f"create or replace table revenue.{name} as {models[name]}")

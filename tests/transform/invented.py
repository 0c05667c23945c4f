"""Invented tables: the SQL of one check, run in memory over a few rows."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
READS = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')
TYPES: Mapping[type, str] = {
    bool: "boolean",
    int: "bigint",
    str: "varchar",
    date: "date",
    datetime: "timestamptz",
    Decimal: "decimal(38, 9)",
}
# Columns of models without a contract, where a test has no row of them.
SHAPES: Mapping[str, Mapping[str, str]] = {
    "stg_usage__events": {
        "billing_system": "varchar",
        "meter_id": "varchar",
        "event_at": "timestamptz",
    },
    "stg_chargebee__usages": {
        "chargebee_subscription_id": "varchar",
        "chargebee_item_price_id": "varchar",
        "used_at": "timestamptz",
        "quantity": "decimal(38, 9)",
        "is_deleted": "boolean",
    },
    "stg_chargebee__item_prices": {
        "chargebee_item_price_id": "varchar",
        "chargebee_item_id": "varchar",
    },
    "int_usage__event_days": {"billing_system": "varchar", "meter_id": "varchar"},
    "int_subscriptions__stated": {
        "billing_system": "varchar",
        "subscription_id": "varchar",
        "billing_customer_id": "varchar",
        "status": "varchar",
    },
    "stg_netsuite__journal_entries": {
        "netsuite_journal_id": "varchar",
        "number": "varchar",
        "netsuite_period_id": "varchar",
        "currency": "varchar",
        "total_amount": "decimal(38, 9)",
        "status": "varchar",
        "modified_at": "timestamptz",
        "is_deleted": "boolean",
    },
}
# What nearly every check reads.
USUAL: Tables = {
    "currencies": [
        {"currency": "USD", "minor_per_major": 100, "usd_micros_per_minor": 1_000_000}
    ],
    "customers": [{"customer_id": "c1", "legal_name": "Acme", "is_active": True}],
}


@dataclass(frozen=True)
class Mistake:
    """One row that is wrong, and what the check says of it.

    Attributes:
        name: what went wrong.
        table: where.
        says: columns of the one break that is found.
        changes: of the row at `place`; with a place behind the last, a new row.
        place: number of the row.
    """

    name: str
    table: str
    says: Row
    changes: Row
    place: int = 0


@dataclass(frozen=True)
class Invented:
    """A check, tables in which all is well, and what may go wrong in them."""

    model: str
    tables: Tables
    mistakes: Sequence[Mistake]
    # What looks like a mistake and is none: table, place and changes by name.
    quiet: Mapping[str, tuple[str, int, Row]] = field(default_factory=dict)

    def with_changes(self, table: str, place: int, changes: Row) -> Tables:
        """Return the tables with one row changed or added."""
        rows = [dict(row) for row in self.tables[table]]
        if place == len(rows):
            rows.append({})
        rows[place] |= changes
        return {**self.tables, table: rows}


@dataclass(frozen=True)
class Checks:
    """The compiled SQL of checks, and the columns of the models with a contract."""

    compiled: Mapping[str, str]
    contracts: Mapping[str, Mapping[str, str]]

    def breaks(self, model: str, tables: Tables) -> list[Row]:
        """Return what a check finds in some tables; those not named are empty.

        Raises:
            KeyError: nothing says which columns a table has.
        """
        query = self.compiled[model]
        given = {**USUAL, **tables}
        with closing(duckdb.connect(config={"threads": 1})) as connection:
            connection.execute(
                "set timezone = 'UTC'; attach ':memory:' as warehouse; use warehouse"
            )
            for schema, name in sorted(set(READS.findall(query))):
                rows = list(given.get(name, ()))
                columns = self._columns(name, rows)
                connection.execute(f"create schema if not exists {schema}")
                laid = ", ".join(f"{key} {kind}" for key, kind in columns.items())
                connection.execute(f"create table {schema}.{name} ({laid})")
                for row in rows:
                    connection.execute(
                        f"insert into {schema}.{name} ({', '.join(row)})"
                        f" values ({', '.join('?' * len(row))})",
                        list(row.values()),
                    )
            answer = connection.execute(query)
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _columns(self, name: str, rows: Sequence[Row]) -> Mapping[str, str]:
        if name in self.contracts:
            return self.contracts[name]
        if not rows:
            return SHAPES[name]
        return {
            key: TYPES[type(value)]
            for row in reversed(rows)
            for key, value in row.items()
            if value is not None
        }

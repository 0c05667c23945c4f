"""A check over a few invented rows: what it reads is filled, or built from rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

Row = dict[str, Any]
Tables = dict[str, list[Row]]
# Models that stand between the invented rows and the check.
BETWEEN = ("account_parents", "expected_postings", "applied_payments")
TYPES = (
    (bool, "boolean"),
    (int, "bigint"),
    (Decimal, "decimal(38, 9)"),
    (datetime, "timestamptz"),
    (date, "date"),
    (str, "varchar"),
)
# A table without rows is stated by a row that gives its columns and is left out.
LEFT_OUT = "left out"


@dataclass(frozen=True)
class Case:
    """Rows that agree, what is changed of them, and what the check says then."""

    check: str
    model: str
    tables: Tables
    change: Tables  # tables as they are instead
    says: Sequence[Row]
    also_quiet: Sequence[Tables] = field(default_factory=tuple)


def with_(row: Row, **changes: Any) -> list[Row]:
    """Return the row alone, changed."""
    return [row | changes]


def nothing_like(row: Row) -> list[Row]:
    """Return no row, of a table with the row's columns."""
    return [row | {LEFT_OUT: True}]


@dataclass
class Tiny:
    """The compiled checks, and a warehouse in memory."""

    compiled: dict[str, str]
    connection: duckdb.DuckDBPyConnection

    def breaks(self, model: str, tables: Tables) -> list[Row]:
        """Return what the model finds in the tables."""
        built: set[str] = set()
        self._need(model, tables, built)
        answer = self.connection.execute(self.compiled[model])
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def _need(self, model: str, tables: Tables, built: set[str]) -> None:
        """Make what a model reads: from rows, or by the model between."""
        places = re.findall(r'"warehouse"\."(\w+)"\."(\w+)"', self.compiled[model])
        for schema, name in places:
            if name in built:
                continue
            built.add(name)
            self.connection.execute(f"create schema if not exists warehouse.{schema}")
            place = f"warehouse.{schema}.{name}"
            if name in BETWEEN:
                self._need(name, tables, built)
                said = self.compiled[name]
                self.connection.execute(f"create or replace table {place} as {said}")
            else:
                self._fill(place, tables[name])

    def _fill(self, place: str, rows: Sequence[Row]) -> None:
        columns = {
            name: next(
                written
                for kind, written in (*TYPES, (object, "varchar"))
                if any(isinstance(row[name], kind) for row in rows)
            )
            for name in rows[0]
            if name != LEFT_OUT
        }
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.connection.execute(f"create or replace table {place} ({declared})")
        for row in rows:
            if LEFT_OUT not in row:
                marks = ", ".join("?" for _ in columns)
                self.connection.execute(
                    f"insert into {place} values ({marks})",
                    [row[name] for name in columns],
                )

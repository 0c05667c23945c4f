"""Mirror: what ingestion last saw in each system, beside the golden values.

All of it is SQL on the warehouse, opened read-only and only for as long as a plan
takes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reverse_etl import three_way
from reverse_etl.change import Decision, canonical
from reverse_etl.contract import Create, Entity, Field, Receiver
from reverse_etl.three_way import (
    NotComparableError,
    Pushed,
    column_or_null,
    quoted,
    relation,
)


@dataclass(frozen=True, slots=True)
class Base:
    """The value we last confirmed (or saw equal) in one field of one record."""

    system: str
    object: str
    record_id: str
    field: str
    value: str | None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """One governed field of one record, where ours, theirs and the base differ."""

    entity_id: str
    customer_id: str | None
    record_id: str
    field: str
    canonical: str
    theirs: str | None
    ours: str | None
    base: str | None
    base_known: bool
    source: str | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class Written:
    """A value that we wrote over another one, and that ingestion has not seen yet."""

    record_id: str
    field: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A golden row whose record does not exist in the receiver yet."""

    entity_id: str
    customer_id: str | None
    external_key: str
    values: Mapping[str, tuple[str, str]]  # field there -> (our column, value)
    amount_minor: int | None
    currency: str | None


class Mirror:
    """Questions to one open warehouse."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Ask through this connection."""
        self._connection = connection

    def count(self, receiver: Receiver) -> int:
        """Return how many records of this object the system holds."""
        rows = self._rows(
            f"select count(*) from staging.{quoted(receiver.model)}"
            " where not coalesce(is_deleted, false)"
        )
        return int(rows[0][0])

    def governed(self, entity: Entity, receiver: Receiver, pushed: Pushed) -> int:
        """Return how many records' values the golden records govern."""
        return int(self._rows(three_way.governed(entity, receiver, pushed))[0][0])

    def in_review(self, entity: Entity) -> set[str]:
        """Return the customers of whom people are asked if they are others as well."""
        if not {"customer_id", "is_in_review"} <= entity.columns:
            return set()
        rows = self._rows(
            f"select distinct cast(customer_id as varchar)"
            f" from {relation(entity)} where is_in_review"
        )
        return {row[0] for row in rows}

    def loaded(self, system: str) -> str | None:
        """Return the last load of a system that is complete; None: it has no loads."""
        schema = f"raw_{system}"
        if not self._has(schema, "_dlt_loads"):
            return None
        rows = self._rows(
            f"select max(load_id) from {quoted(schema)}._dlt_loads where status = 0"
        )
        return None if rows[0][0] is None else str(rows[0][0])

    def winners(self, customers: Collection[str]) -> dict[tuple[str, str], str]:
        """Return the record that each golden value of these customers comes from."""
        if not customers or not self._has("canonical", "customer_field_values"):
            return {}
        rows = self._rows(
            "select customer_id, field, record_key from canonical.customer_field_values"
            " where is_winner and customer_id in"
            f" ({', '.join('?' * len(customers))})",
            parameters=sorted(customers),
        )
        return {(row[0], row[1]): row[2] for row in rows}

    def arr(self) -> dict[str, int]:
        """Return what each customer pays a year, in US cents, at the last month's end.

        Empty where the marts were not built: the guard then asks a person about
        whatever moves ARR.
        """
        if not self._has("marts", "arr_balances"):
            return {}
        rows = self._rows(
            "select customer_id, sum(closing_held_usd_minor) from marts.arr_balances"
            " where month = (select max(month) from marts.arr_balances)"
            " group by customer_id order by customer_id"
        )
        return {row[0]: int(row[1]) for row in rows}

    def contradicted(
        self, entity: Entity, receiver: Receiver, pushed: Pushed
    ) -> set[tuple[str, str]]:
        """Return the fields, by record, that two golden rows want to differ."""
        ours = self._types(entity.schema, entity.name, pushed)
        query = three_way.contradictions(entity, receiver, pushed, ours)
        return {(record, pushed[place][1]) for place, record in self._rows(query)}

    def pairs(
        self,
        entity: Entity,
        receiver: Receiver,
        pushed: Pushed,
        base: Sequence[Base],
        written: Sequence[Written] = (),
    ) -> list[Pair]:
        """Return the fields where ours, theirs and base are not all equal."""
        self._connection.register(
            "base", _table(base, "record_id", "field", "value", "is_known")
        )
        self._connection.register(
            "written", _table(written, "record_id", "field", "before")
        )
        rows = self._rows(
            three_way.comparison(
                entity,
                receiver,
                pushed,
                self._types(entity.schema, entity.name, pushed),
                self._types("staging", str(receiver.model), pushed),
            )
        )
        self._connection.unregister("base")
        self._connection.unregister("written")
        return [
            Pair(
                entity_id=row[1],
                customer_id=row[2],
                record_id=row[3],
                field=pushed[row[0]][1],
                canonical=pushed[row[0]][0].name,
                theirs=row[4],
                ours=row[5],
                base=row[6],
                base_known=row[7],
                source=row[8] or pushed[row[0]][0].owner,
                decision=Decision(row[9]),
            )
            for row in rows
        ]

    def missing(
        self, entity: Entity, receiver: Receiver, create: Create
    ) -> list[Missing]:
        """Return the rows whose record is still to be made."""
        pushed = entity.pushed(receiver)
        amount = next((f.name for f, _ in pushed if f.name.endswith("_minor")), None)
        required = "".join(
            f" and golden.{quoted(column)} is not null" for column in create.requires
        )
        rows = self._rows(
            f"select cast(golden.{quoted(entity.key)} as varchar),"
            f" {column_or_null(entity, 'customer_id')},"
            f" cast(golden.{quoted(create.key)} as varchar),"
            f" {f'golden.{quoted(amount)}' if amount else 'null'},"
            f" {column_or_null(entity, 'currency')},"
            f" {', '.join(f'golden.{quoted(field.name)}' for field, _ in pushed)}"
            f" from {relation(entity)} as golden"
            f" where golden.{quoted(receiver.key)} is null"
            f" and golden.{quoted(create.key)} is not null{required}"
            " order by 3"
        )
        return [
            Missing(
                entity_id=row[0],
                customer_id=row[1],
                external_key=row[2],
                values={
                    there: (field.name, ours)
                    for (field, there), value in zip(pushed, row[5:], strict=True)
                    if (ours := canonical(value)) is not None
                },
                amount_minor=row[3],
                currency=row[4],
            )
            for row in rows
        ]

    def values(
        self, receiver: Receiver, field: Field, record_ids: Collection[str]
    ) -> dict[str, str | None]:
        """Return what ingestion last saw in a field of these records.

        The receiver's key column has the same name in the staging model.
        """
        rows = self._rows(
            f"select cast({quoted(receiver.key)} as varchar), {quoted(field.name)}"
            f" from staging.{quoted(receiver.model)}"
            f" where cast({quoted(receiver.key)} as varchar) in"
            f" ({', '.join('?' * len(record_ids))})"
            " and not coalesce(is_deleted, false)",
            parameters=sorted(record_ids),
        )
        return {row[0]: canonical(row[1]) for row in rows}

    def made(
        self, entity: Entity, receiver: Receiver, create: Create, keys: Collection[str]
    ) -> set[str]:
        """Return which of our keys ingestion has seen as records of the receiver."""
        rows = self._rows(
            f"select cast({quoted(create.key)} as varchar)"
            f" from {relation(entity)}"
            f" where {quoted(receiver.key)} is not null"
            f" and cast({quoted(create.key)} as varchar) in"
            f" ({', '.join('?' * len(keys))})",
            parameters=sorted(keys),
        )
        return {row[0] for row in rows}

    def _has(self, schema: str, table: str) -> bool:
        rows = self._rows(
            "select 1 from information_schema.tables"
            " where table_schema = ? and table_name = ?",
            [schema, table],
        )
        return bool(rows)

    def _types(self, schema: str, table: str, pushed: Pushed) -> dict[str, str]:
        """Return the data types of a table that has all columns to compare."""
        rows = self._rows(f"describe {schema}.{quoted(table)}")
        types = {row[0]: row[1] for row in rows}
        for field, _ in pushed:
            if field.name not in types:
                raise NotComparableError(f"{schema}.{table} has no {field.name}.")
        return types

    def _rows(
        self, query: str, parameters: Collection[str] = ()
    ) -> list[tuple[Any, ...]]:
        # fetchall only: a half-read result blocks the connection.
        found: list[tuple[Any, ...]] = self._connection.execute(
            query, list(parameters)
        ).fetchall()
        return found


def _table(rows: Sequence[Any], *columns: str) -> pa.Table:
    """Make a relation of some attributes of rows; all but flags are texts."""
    return pa.table(
        {
            name: pa.array(
                [getattr(row, name) for row in rows],
                pa.bool_() if name.startswith("is_") else pa.string(),
            )
            for name in columns
        }
    )


@contextmanager
def opened(warehouse: Path) -> Iterator[Mirror]:
    """Open the warehouse for reading."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield Mirror(connection)
    finally:
        connection.close()

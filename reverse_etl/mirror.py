"""Mirror: what ingestion last saw in each system, beside the golden values.

All of it is SQL on the warehouse, opened read-only and only for as long as a plan
takes. A comparison in SQL only narrows down; `change.decide` decides.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reverse_etl.change import canonical
from reverse_etl.contract import Create, Entity, Field, Receiver


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
            f"select count(*) from staging.{_name(receiver.model)}"
            " where not coalesce(is_deleted, false)"
        )
        return int(rows[0][0])

    def governed(self, entity: Entity, receiver: Receiver, field: Field) -> int:
        """Return how many records' value of this field the golden record governs."""
        rows = self._rows(f"select count(*) {_joined(entity, receiver, field)}")
        return int(rows[0][0])

    def in_review(self, entity: Entity) -> set[str]:
        """Return the customers of whom people are asked if they are others as well."""
        if not {"customer_id", "is_in_review"} <= entity.columns:
            return set()
        rows = self._rows(
            f"select distinct cast(customer_id as varchar)"
            f" from canonical.{_name(entity.name)} where is_in_review"
        )
        return {row[0] for row in rows}

    def contradicted(
        self, entity: Entity, receiver: Receiver, field: Field
    ) -> set[str]:
        """Return the records that two golden rows want to give different values."""
        record = f"cast(golden.{_name(receiver.key)} as varchar)"
        ours = f"coalesce(cast(golden.{_name(field.name)} as varchar), '')"
        rows = self._rows(
            f"select {record} {_joined(entity, receiver, field)}"
            f" group by 1 having count(distinct {ours}) > 1"
        )
        return {row[0] for row in rows}

    def pairs(
        self,
        entity: Entity,
        receiver: Receiver,
        field: Field,
        there: str,
        base: Iterable[Base],
    ) -> list[Pair]:
        """Return the field's values where ours, theirs and base are not all equal."""
        known = [row for row in base if row.field == there]
        self._connection.register(
            "base",
            pa.table(
                {
                    "record_id": pa.array(
                        [row.record_id for row in known], pa.string()
                    ),
                    "value": pa.array([row.value for row in known], pa.string()),
                    "is_known": pa.array([row.is_known for row in known], pa.bool_()),
                }
            ),
        )
        ours, theirs = f"golden.{_name(field.name)}", f"there.{_name(field.name)}"
        rows = self._rows(
            f"select cast(golden.{_name(entity.key)} as varchar),"
            f" {_column(entity, 'customer_id')},"
            f" cast(golden.{_name(receiver.key)} as varchar),"
            f" {theirs}, {ours}, base.value, coalesce(base.is_known, false),"
            f" {_column(entity, f'{field.name}_source')}"
            f" {_joined(entity, receiver, field)}"
            f" and ({ours} is distinct from {theirs}"
            "  or base.is_known is distinct from true"
            f"  or base.value is distinct from cast({ours} as varchar))"
            " order by 3, 1",
            join=" left join base"
            f" on base.record_id = cast(golden.{_name(receiver.key)} as varchar)",
        )
        self._connection.unregister("base")
        return [
            Pair(
                entity_id=row[0],
                customer_id=row[1],
                record_id=row[2],
                field=there,
                canonical=field.name,
                theirs=canonical(row[3]),
                ours=canonical(row[4]),
                base=row[5],
                base_known=row[6],
                source=row[7] or field.owner,
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
            f" and golden.{_name(column)} is not null" for column in create.requires
        )
        rows = self._rows(
            f"select cast(golden.{_name(entity.key)} as varchar),"
            f" {_column(entity, 'customer_id')},"
            f" cast(golden.{_name(create.key)} as varchar),"
            f" {f'golden.{_name(amount)}' if amount else 'null'},"
            f" {_column(entity, 'currency')},"
            f" {', '.join(f'golden.{_name(field.name)}' for field, _ in pushed)}"
            f" from canonical.{_name(entity.name)} as golden"
            f" where golden.{_name(receiver.key)} is null"
            f" and golden.{_name(create.key)} is not null{required}"
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
            f"select cast({_name(receiver.key)} as varchar), {_name(field.name)}"
            f" from staging.{_name(receiver.model)}"
            f" where cast({_name(receiver.key)} as varchar) in"
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
            f"select cast({_name(create.key)} as varchar)"
            f" from canonical.{_name(entity.name)}"
            f" where {_name(receiver.key)} is not null"
            f" and cast({_name(create.key)} as varchar) in"
            f" ({', '.join('?' * len(keys))})",
            parameters=sorted(keys),
        )
        return {row[0] for row in rows}

    def _rows(
        self, query: str, join: str = "", parameters: Collection[str] = ()
    ) -> list[tuple[Any, ...]]:
        # fetchall only: a half-read result blocks the connection.
        found: list[tuple[Any, ...]] = self._connection.execute(
            query.replace("/* join */", join), list(parameters)
        ).fetchall()
        return found


@contextmanager
def opened(warehouse: Path) -> Iterator[Mirror]:
    """Open the warehouse for reading."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield Mirror(connection)
    finally:
        connection.close()


def _joined(entity: Entity, receiver: Receiver, field: Field) -> str:
    ours = f"golden.{_name(field.name)}"
    silent = "" if field.clears else f" and {ours} is not null"
    return (
        f"from canonical.{_name(entity.name)} as golden"
        f" join staging.{_name(receiver.model)} as there"
        f" on there.{_name(receiver.key)} = golden.{_name(receiver.key)}"
        f" /* join */ where not coalesce(there.is_deleted, false){silent}"
    )


def _column(entity: Entity, column: str) -> str:
    return f"golden.{_name(column)}" if column in entity.columns else "null"


def _name(identifier: str | None) -> str:
    return '"' + str(identifier).replace('"', '""') + '"'

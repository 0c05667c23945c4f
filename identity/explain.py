"""Explain: what a run found, in words: a question with its evidence, a record's whole.

The warehouse has numbers of levels; what they mean stands with the entity, how many
bits they are worth in the model.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from identity import records
from identity.entities.entity import UNKNOWN, Entity
from identity.model import Model
from identity.warehouse import is_there, table


class NotResolvedError(Exception):
    """Nothing was resolved yet, or not this record; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one comparison of two records found, and the bits that it is worth."""

    comparison: str
    words: str
    bits: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Two records, with all that was found."""

    left_key: str
    right_key: str
    left_name: str | None
    right_name: str | None
    weight: float | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the review: two customers that may be one."""

    left_golden_id: str
    right_golden_id: str
    reason: str
    probability: float | None
    compared: Compared


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a customer, and by what it came to it."""

    record_key: str
    name: str | None
    evidence: str
    linked_to: str | None
    weight: float | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is known about whose a record is.

    Attributes:
        golden_id: of its customer.
        is_in_review: whether a question about the customer is open.
        told: what of the record is compared.
        members: the customer's records.
        compared: those that the record met, the likest first.
    """

    record_key: str
    golden_id: str
    is_in_review: bool
    told: dict[str, str]
    members: tuple[Member, ...]
    compared: tuple[Compared, ...]


def questions(connection: duckdb.DuckDBPyConnection, model: Model) -> list[Asked]:
    """Return what waits for a person, the likeliest first.

    Raises:
        NotResolvedError: nothing was resolved yet.
    """
    entity = model.resolves
    _require(connection, entity)
    held = table(entity, "records")
    rows = _rows(
        connection,
        f"""
        select asked.* exclude (weight), {_pair_columns(entity)},
            one.name as left_name, other.name as right_name, asked.weight
        from {table(entity, "review")} as asked
        left join {table(entity, "pairs")} as pairs using (left_key, right_key)
        join {held} as one on one.record_key = left_key
        join {held} as other on other.record_key = right_key
        order by asked.weight desc nulls first, left_key, right_key
        """,
    )
    return [
        Asked(
            row["left_golden_id"],
            row["right_golden_id"],
            row["reason"],
            row["probability"],
            _compared(model, row),
        )
        for row in rows
    ]


def why(connection: duckdb.DuckDBPyConnection, model: Model, record_key: str) -> Whole:
    """Return whose a record is, and what speaks for it and against it.

    Raises:
        NotResolvedError: the record is not known.
    """
    entity = model.resolves
    _require(connection, entity)
    held, links = table(entity, "records"), table(entity, "links")
    link = _rows(connection, f"from {links} where record_key = $1", record_key)
    if not link:
        raise _unknown(record_key)
    golden_id = str(link[0]["golden_id"])
    told = _rows(connection, f"from {held} where record_key = $1", record_key)[0]
    members = _rows(
        connection,
        f"select links.*, records.name from {links} as links"
        f" join {held} as records using (record_key)"
        " where golden_id = $1 order by record_key",
        golden_id,
    )
    met = _rows(
        connection,
        f"""
        select left_key, right_key, pairs.weight, {_pair_columns(entity)},
            one.name as left_name, other.name as right_name
        from {table(entity, "pairs")} as pairs
        join {held} as one on one.record_key = left_key
        join {held} as other on other.record_key = right_key
        where left_key = $1 or right_key = $1
        order by pairs.weight desc, left_key, right_key
        """,
        record_key,
    )
    return Whole(
        record_key,
        golden_id,
        bool(link[0]["is_in_review"]),
        {name: str(told[name]) for name in entity.shown if told[name] is not None},
        tuple(
            Member(
                row["record_key"],
                row["name"],
                row["evidence"],
                row["linked_to"],
                row["weight"],
                row["is_live"],
            )
            for row in members
        ),
        tuple(_compared(model, row) for row in met),
    )


def entity_of(record_key: str) -> Entity:
    """Return what a record is of.

    Raises:
        NotResolvedError: no system has such records.
    """
    entity = records.entity_of(record_key)
    if entity is None:
        raise _unknown(record_key)
    return entity


def require_known(connection: duckdb.DuckDBPyConnection, *record_keys: str) -> Entity:
    """Return what these records are of.

    Raises:
        NotResolvedError: one was not resolved, or they are not all of one sort.
    """
    entity, *others = map(entity_of, record_keys)
    if any(other is not entity for other in others):
        raise NotResolvedError(
            f"{' and '.join(record_keys)} are of different sorts "
            f"({', '.join(each.name for each in (entity, *others))}): "
            "a pin is about two of one sort."
        )
    _require(connection, entity)
    links = table(entity, "links")
    for key in record_keys:
        if not _rows(connection, f"from {links} where record_key = $1", key):
            raise _unknown(key)
    return entity


def _unknown(record_key: str) -> NotResolvedError:
    return NotResolvedError(
        f"No record {record_key!r} was resolved: name it as system:object:id, such as "
        "salesforce:account:001…, and run `concord identity run` if it is new."
    )


def _compared(model: Model, row: dict[str, Any]) -> Compared:
    weights, levels = model.weights(), model.resolves.levels
    findings = [
        Finding(name, levels[name][row[name]], weights[name][row[name]])
        for name in levels
        if row[name] not in {None, UNKNOWN}
    ]
    return Compared(
        row["left_key"],
        row["right_key"],
        row["left_name"],
        row["right_name"],
        row["weight"],
        tuple(sorted(findings, key=lambda each: -abs(each.bits))),
    )


def _pair_columns(entity: Entity) -> str:
    # A record has a name and a parent too: these are what comparing them found.
    return ", ".join(f"pairs.{name} as {name}" for name in entity.comparison_names)


def _require(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    if not is_there(connection, entity, "links"):
        raise NotResolvedError(
            "Nothing was resolved yet: run `concord identity run` after a load."
        )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, *values: str
) -> list[dict[str, Any]]:
    answer = connection.execute(query, list(values))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

"""Reference: what the published copy says about its numbers besides the numbers.

What each metric means, who owns each field, which page of a system shows a record, and
which records may be one: who reads the copy sees no manifest, contract or warehouse.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.build import manifest_path
from orchestration.glossary import metrics
from orchestration.home import TRANSFORM, Home
from orchestration.record_links import links

_TABLES = """
create schema published;
create table published.metrics
    (metric varchar, label varchar, area varchar, unit varchar, definition varchar);
create table published.ownership
    (entity varchar, field varchar, owner varchar, followers varchar, receivers varchar,
    approval boolean);
create table published.links (system varchar, object varchar, url varchar);
create table published.questions
    (entity varchar, left_key varchar, right_key varchar, left_name varchar,
    right_name varchar, left_told json, right_told json, reason varchar,
    probability_basis_points bigint, findings json);
"""


def write_reference(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write the schema `published` of the copy."""
    connection.execute(_TABLES)
    insert(
        connection,
        "published.metrics",
        [
            (each.name, each.label, each.area, each.unit, each.definition)
            for each in metrics(manifest_path())
        ],
    )
    insert(connection, "published.ownership", _ownership())
    insert(connection, "published.links", links(home.environ))
    insert(connection, "published.questions", _questions(home.warehouse))


def _ownership() -> list[tuple[Any, ...]]:
    """Return each canonical field that has an owner or a receiver."""
    from reverse_etl.contract import load_contract

    return [
        (
            entity.name,
            field.name,
            field.owner or field.rule,
            ", ".join(field.then),
            ", ".join(f"{system} {at}" for system, at in sorted(field.push.items())),
            field.approval,
        )
        for entity in load_contract(TRANSFORM / "models").entities
        for field in entity.fields
    ]


def _questions(warehouse: Path) -> list[tuple[Any, ...]]:
    """Return the pairs that wait for a person, with what was found of each."""
    from identity.entities import ENTITIES
    from identity.explain import questions, why
    from identity.model import load
    from identity.warehouse import is_there, opened

    found = []
    with opened(warehouse, read_only=True) as connection:
        for name in ENTITIES:
            model = load(name)
            if not is_there(connection, model.resolves, "links"):
                continue
            for asked in questions(connection, model):
                pair = asked.compared
                told = [
                    json.dumps(why(connection, model, key).told)
                    for key in (pair.left_key, pair.right_key)
                ]
                chance = asked.probability
                found.append(
                    (
                        name,
                        pair.left_key,
                        pair.right_key,
                        pair.left_name,
                        pair.right_name,
                        *told,
                        asked.reason,
                        None if chance is None else round(chance * 10_000),
                        json.dumps(
                            [
                                [each.comparison, each.words, round(each.bits, 1)]
                                for each in pair.findings
                            ]
                        ),
                    )
                )
    return found


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add rows to a table, all at once: row by row each costs as much as a thousand."""
    if rows:
        columns = [pa.array(values) for values in zip(*rows, strict=True)]
        names = [str(place) for place in range(len(columns))]
        connection.register("told", pa.table(columns, names))
        connection.execute(f"insert into {table} from told")
        connection.unregister("told")

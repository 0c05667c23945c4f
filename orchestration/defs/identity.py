"""Who is who, as assets: resolved once the systems are loaded.

One step for customers, one for contacts, one for products. Each writes all of its
tables: they are one outcome, and visible together or not at all.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from identity.entities import ENTITIES
from identity.entities.entity import Entity
from identity.model import load
from identity.records import raw_tables
from identity.run import Ran, run
from operations.store import Store
from orchestration.defs.resources import POOL, Workplace
from orchestration.home import Home

GROUP = "identity"
OWNER = ["team:revops"]
TABLES = {
    "records": "Every system's records of {name}, as they are compared.",
    "pairs": "Two records of {name} that met, and what comparing them found.",
    "links": "The golden id of each record of {name}, and by what it came to it.",
    "redirects": "A golden id that none of {name} goes by now, and which it became.",
    "review": "Pairs of {name} that may be one: a person decides (`concord identity"
    " review`), and until then neither a merge nor a create follows.",
}
HIERARCHY = "One of {name} above another, in one sense, and from when until when."


def resolve(home: Home) -> None:
    """Resolve what changed of everything; whoever calls owns the warehouse."""
    for entity in ENTITIES.values():
        _run(home, entity)


def _run(home: Home, entity: Entity) -> Ran:
    with Store(home.operations) as store:
        return run(home.warehouse, store, load(entity.name), datetime.now(UTC))


def _tables(entity: Entity) -> dict[str, str]:
    """Return what an entity leaves, table by table, and what each is."""
    tables = TABLES | ({"hierarchy": HIERARCHY} if entity.has_parents else {})
    return {table: text.format(name=entity.name) for table, text in tables.items()}


def _key(entity: Entity, table: str) -> dg.AssetKey:
    return dg.AssetKey([GROUP, entity.prefix + table])


def _deps(entity: Entity) -> list[dg.AssetKey]:
    """Return what an entity is resolved from: what else a system has is no concern."""
    read = [dg.AssetKey(name.split(".")) for name in raw_tables(entity).values()]
    if entity.belongs_to is not None:
        read.append(_key(ENTITIES["customers"], "links"))
    return read


def _resolved(entity: Entity) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"{entity.prefix}identity",
        specs=[
            dg.AssetSpec(
                _key(entity, table),
                deps=_deps(entity),
                description=described,
                group_name=GROUP,
                owners=OWNER,
                kinds={"duckdb", "splink"},
            )
            for table, described in _tables(entity).items()
        ],
        pool=POOL,
    )
    def identity(
        context: dg.AssetExecutionContext, workplace: Workplace
    ) -> Iterator[dg.MaterializeResult]:
        """Resolve what changed; everything, where the model is another one."""
        with workplace.writing("identity"):
            ran = _run(workplace.home(), entity)
        context.log.info(
            f"{entity.name}: {ran.changed} records changed, {ran.resolved} resolved, "
            f"{ran.questions} questions for people"
        )
        told = {
            "records": {"records": ran.records, "changed": ran.changed},
            "pairs": {"pairs": ran.pairs},
            "links": {
                entity.name: ran.golden,
                **{
                    name: value
                    for name, value in asdict(ran).items()
                    if name in {"minted", "merged", "revived", "resolved"}
                },
            },
            "review": {"questions": ran.questions, entity.name: ran.in_review},
        }
        for table in _tables(entity):
            yield dg.MaterializeResult(
                asset_key=_key(entity, table), metadata=told.get(table, {})
            )

    return identity


ASSETS = [_resolved(entity) for entity in ENTITIES.values()]

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
from identity.run import run
from operations.store import Store
from orchestration.defs.resources import POOL, Workplace

GROUP = "identity"
OWNER = ["team:revops"]
TABLES = {
    "records": "Every system's records of {name}, as they are compared.",
    "pairs": "Two records of {name} that met, and what comparing them found.",
    "links": "The golden id of each record of {name}, and by what it came to it.",
    "review": "Pairs of {name} that may be one: a person decides (`concord identity"
    " review`), and until then neither a merge nor a create follows.",
}


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
                description=described.format(name=entity.name),
                group_name=GROUP,
                owners=OWNER,
                kinds={"duckdb", "splink"},
            )
            for table, described in TABLES.items()
        ],
        pool=POOL,
    )
    def identity(
        context: dg.AssetExecutionContext, workplace: Workplace
    ) -> Iterator[dg.MaterializeResult]:
        """Resolve what changed; everything, where the model is another one."""
        home, model = workplace.home(), load(entity.name)
        with workplace.writing("identity"), Store(home.operations) as store:
            ran = run(home.warehouse, store, model, datetime.now(UTC))
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
        for table, metadata in told.items():
            yield dg.MaterializeResult(asset_key=_key(entity, table), metadata=metadata)

    return identity


ASSETS = [_resolved(entity) for entity in ENTITIES.values()]

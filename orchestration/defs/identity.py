"""Who is who, as assets: resolved once the systems are loaded.

One step writes all of them: they are one outcome, and visible together or not at all.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from identity.model import load
from identity.records import raw_tables
from identity.run import Ran, run
from operations.store import Store
from orchestration.defs.resources import POOL, Workplace
from orchestration.home import Home

GROUP = "identity"
OWNER = ["team:revops"]
TABLES = {
    "records": "Every system's records of customers, as they are compared.",
    "pairs": "Two records that met, and what comparing them found.",
    "links": "Each record's golden id, and by what it came to it.",
    "redirects": "A golden id that no customer goes by any more, and whose it became.",
    "hierarchy": "A customer above another, in one sense, and from when until when.",
    "review": "Pairs of customers that may be one: a person decides (`concord identity"
    " review`), and until then neither a merge nor a create follows.",
}


def resolve(home: Home) -> Ran:
    """Resolve what changed; whoever calls owns the warehouse."""
    with Store(home.operations) as store:
        return run(home.warehouse, store, load(), datetime.now(UTC))


@dg.multi_asset(
    name="identity",
    specs=[
        dg.AssetSpec(
            [GROUP, table],
            # What else a system has does not concern who is who.
            deps=[dg.AssetKey(name.split(".")) for name in raw_tables().values()],
            description=described,
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
    with workplace.writing("identity"):
        ran = resolve(workplace.home())
    context.log.info(
        f"{ran.changed} records changed, {ran.resolved} resolved, "
        f"{ran.questions} questions for people"
    )
    told = {
        "records": {"records": ran.records, "changed": ran.changed},
        "pairs": {"pairs": ran.pairs},
        "links": {
            name: value
            for name, value in asdict(ran).items()
            if name in {"customers", "minted", "merged", "revived", "resolved"}
        },
        "review": {"questions": ran.questions, "customers": ran.in_review},
    }
    for table in TABLES:
        yield dg.MaterializeResult(
            asset_key=[GROUP, table], metadata=told.get(table, {})
        )


ASSETS = [identity]

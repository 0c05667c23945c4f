"""Publish: the asset that gives people their copy, the last of a run."""

import dagster as dg

from orchestration.defs.resources import POOL, Workplace
from orchestration.defs.reverse_etl import convergence, now
from orchestration.publication import publish


@dg.asset(
    key=["published", "revenue"],
    group_name="published",
    owners=["team:finance"],
    kinds={"duckdb"},
    deps=[convergence],
    pool=POOL,
)
def revenue(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> dg.MaterializeResult:
    """The copy that the dashboard reads: marts, reconciliation, open exceptions."""
    with workplace.writing("published"):
        copy = publish(workplace.home(), context.run_id, now())
    size = copy.stat().st_size
    context.log.info(f"{copy.name}, {size / 2**20:.1f} MB")
    return dg.MaterializeResult(
        metadata={"path": dg.MetadataValue.path(str(copy)), "dagster/size_bytes": size}
    )


ASSETS = [revenue]

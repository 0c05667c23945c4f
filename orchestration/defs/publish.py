"""Publish: the asset that gives people their copy, the last of a run."""

from datetime import timedelta

import dagster as dg

from orchestration.alerts import OLD_AFTER
from orchestration.defs.resources import POOL, Workplace
from orchestration.defs.reverse_etl import convergence, now
from orchestration.publication import publish, totals

# Published with every whole run, which is hourly; the alert `stale` knows the same day.
FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=3), fail_window=OLD_AFTER
)


@dg.asset(
    key=["published", "revenue"],
    group_name="published",
    owners=["team:finance"],
    kinds={"duckdb"},
    deps=[convergence],
    freshness_policy=FRESHNESS,
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
        metadata={
            "path": dg.MetadataValue.path(str(copy)),
            "dagster/size_bytes": size,
            **totals(copy),
        }
    )


ASSETS = [revenue]

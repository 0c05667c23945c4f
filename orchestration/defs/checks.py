"""Every reconciliation check as an asset check, all answered by one read.

A dbt test for each would make every build longer by tenths of a second per check; the
build writes what became of them into one table.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import duckdb

from orchestration.defs.resources import POOL, Workplace
from orchestration.defs.transform import CHECKS, TRANSLATOR

RESULTS = """
select model, status, not_run_because, compared, breaks, explained
from reconciliation.check_results order by check_id
"""


def _spec(node: Mapping[str, Any]) -> dg.AssetCheckSpec:
    """Describe a check by what must agree, who answers, and how it is repaired."""
    meta = node["config"]["meta"]
    return dg.AssetCheckSpec(
        name="ties_out",
        asset=TRANSLATOR.get_asset_key(node),
        description=f"{meta['check_id']} {meta['title']}. Tolerance: "
        f"{meta['tolerance']}. Owner: {meta['owner']}. Repair: {meta['repair']}",
    )


@dg.multi_asset_check(
    specs=[_spec(node) for node in CHECKS.values()],
    name="reconciliation",
    can_subset=True,
    pool=POOL,
)
def reconciliation(
    context: dg.AssetCheckExecutionContext, workplace: Workplace
) -> Iterator[dg.AssetCheckResult]:
    """Say of each check whether it ran and whether all that it found is explained."""
    with duckdb.connect(str(workplace.home().warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(RESULTS).fetchall()
    asked = context.selected_asset_check_keys
    for model, status, not_run_because, compared, breaks, explained in rows:
        key = TRANSLATOR.get_asset_key(CHECKS[model])
        if dg.AssetCheckKey(key, "ties_out") not in asked:
            continue
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name="ties_out",
            passed=status == "passed",
            severity=dg.AssetCheckSeverity.WARN,
            description=not_run_because,
            metadata={
                "status": status,
                "compared": compared,
                "breaks": breaks,
                "explained": explained,
            },
        )
    told = Counter(status for _, status, *_ in rows)
    ran, idle = len(rows) - told["not_run"], told["not_run"]
    context.log.info(f"{told['passed']} of {ran} checks tie out, {idle} did not run")


ASSET_CHECKS = [reconciliation]

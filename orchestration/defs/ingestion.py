"""Every stream of every registered system as an asset in the group `raw_<system>`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingestion.load import load_system
from ingestion.systems import SYSTEMS, System
from operations.events import covered
from operations.store import Store
from orchestration.defs.resources import POOL, Workplace
from orchestration.home import Home

KIND_NAMES = {
    "crm": "customer relations and quotes",
    "billing": "billing and payments",
    "support": "support",
    "erp": "the ledger",
}

FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=2), fail_window=timedelta(hours=6)
)


def _assets(system: System) -> dg.AssetsDefinition:
    """Return one step that loads a system and reports on each of its streams."""
    specs = [
        dg.AssetSpec(
            [system.schema, stream.name],
            group_name=system.schema,
            owners=["team:data-platform"],
            kinds={"dlt", "duckdb", system.name},
            description=f"{stream.name} as {system.name} ({KIND_NAMES[system.kind]}) "
            "sent them: typed columns beside the whole record, deletes kept as "
            "tombstones.",
            freshness_policy=FRESHNESS,
        )
        for stream in system.streams
    ]

    @dg.multi_asset(specs=specs, name=system.schema, pool=POOL)
    def load(
        context: dg.AssetExecutionContext, workplace: Workplace
    ) -> Iterator[dg.MaterializeResult]:
        home = workplace.home()
        with workplace.writing(system.schema), _covering(system, home):
            loaded = {
                each.stream: each
                for each in load_system(
                    system.name, home.warehouse, home.folder, home.environ
                )
            }
        rows = sum(each.rows for each in loaded.values())
        context.log.info(
            f"{rows:,} rows in {len(loaded)} tables" if loaded else "not connected"
        )
        for stream in system.streams:
            each = loaded.get(stream.name)
            yield dg.MaterializeResult(
                asset_key=[system.schema, stream.name],
                metadata={
                    "dagster/row_count": each.rows if each else 0,
                    "deleted": each.deleted if each else 0,
                    "load_id": each.load_id if each else "",
                    "connected": system.is_connected(home.environ),
                },
            )

    return load


@contextmanager
def _covering(system: System, home: Home) -> Iterator[None]:
    """Mark done what the system had told us by now, once the load has committed."""
    if not system.is_connected(home.environ):
        yield
        return
    with (
        Store(home.operations) as store,
        covered(store, system.name, lambda: datetime.now(UTC)),
    ):
        yield


ASSETS = [_assets(system) for system in SYSTEMS]

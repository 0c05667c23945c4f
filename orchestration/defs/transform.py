"""Every dbt model as an asset in the group of its folder, every dbt test as a check."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.build import build, manifest_path
from orchestration.defs.resources import POOL, Workplace

OWNERS = {
    "staging": "team:data-platform",
    "intermediate": "team:data-platform",
    "canonical": "team:revops",
    "revenue": "team:finance",
    "marts": "team:finance",
    "reconciliation": "team:finance",
    "seeds": "team:finance",
}


class Translator(DagsterDbtTranslator):
    """Names dbt nodes as the house does: the group is the folder."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the folder below models/, or `seeds`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        """Return who answers for the folder."""
        group = self.get_group_name(dbt_resource_props)
        return [OWNERS[group]] if group in OWNERS else None


MANIFEST = json.loads(manifest_path().read_text(encoding="utf-8"))
TRANSLATOR = Translator()


@dbt_assets(
    manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, name="transform", pool=POOL
)
def transform(
    context: dg.AssetExecutionContext, workplace: Workplace
) -> Iterator[dg.Output[None] | dg.AssetCheckResult | dg.AssetObservation]:
    """Build raw into staging, canonical, marts and reconciliation with dbt."""
    home = workplace.home()
    selection, _ = get_subset_selection_for_context(
        context=context,
        manifest=MANIFEST,
        select=None,
        exclude=None,
        selector=None,
        dagster_dbt_translator=TRANSLATOR,
        current_dbt_indirect_selection_env=None,
    )
    built = 0
    with workplace.writing("transform"):
        for event in build(home.warehouse, home.as_of, selection):
            message = DbtCoreCliEventMessage(dict(event), {})
            for result in message.to_default_asset_events(
                MANIFEST, TRANSLATOR, context
            ):
                built += isinstance(result, dg.Output)
                yield result  # type: ignore[misc]  # the union that an asset may yield
    context.log.info(f"built {built} models")

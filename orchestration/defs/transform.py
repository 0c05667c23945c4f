"""Every dbt model as an asset in the group of its folder, every dbt test as a check."""

import json
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from pydantic import Field

from operations.store import Store
from orchestration.build import Event, build, manifest_path
from orchestration.changed import Work, build_changed, changed
from orchestration.defs.resources import POOL, Workplace
from orchestration.home import TRANSFORM, Home
from reverse_etl.contract import load_contract
from reverse_etl.evidence import copy_evidence

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


def _assets_of(names: Iterable[str]) -> list[dg.AssetKey]:
    return [
        TRANSLATOR.get_asset_key(MANIFEST["nodes"][f"model.concord.{name}"])
        for name in sorted(names)
    ]


def _read_by_plan() -> Iterator[str]:
    """Yield the models that a plan compares, and those that say why and how much."""
    yield from ("customer_field_values", "arr_balances")
    for entity in load_contract(TRANSFORM / "models").entities:
        if entity.receivers:
            yield entity.name
            yield from (each.model for each in entity.receivers if each.model)


# What the steps after the build read of all models, and wait for.
CHECKS: Mapping[str, Mapping[str, Any]] = {
    node["name"]: node
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and "check_id" in node["config"]["meta"]
}
BREAKS = _assets_of({"breaks", "check_results"})
COMPARED = _assets_of(set(_read_by_plan()))


class Build(dg.Config):
    """What a run of the whole project makes anew."""

    is_whole: bool = Field(
        default=False,
        description="Every model, also what stands on tables that did not change.",
    )


@dbt_assets(
    manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, name="transform", pool=POOL
)
def transform(
    context: dg.AssetExecutionContext, config: Build, workplace: Workplace
) -> Iterator[dg.Output[None] | dg.MaterializeResult | dg.AssetCheckResult]:
    """Build raw into staging, canonical, marts and reconciliation with dbt.

    Asked for everything, it builds what stands on tables that changed; asked for some
    models, it builds these.
    """
    home = workplace.home()
    built = 0
    with workplace.writing("transform"):
        bring_evidence(home)
        left, events = _work(context, home, is_whole=config.is_whole)
        yield from _as_it_was(context, left)
        for event in events:
            message = DbtCoreCliEventMessage(dict(event), {})
            for result in message.to_default_asset_events(
                MANIFEST, TRANSLATOR, context
            ):
                built += isinstance(result, dg.Output)
                yield result  # type: ignore[misc]  # the union that an asset may yield
    context.log.info(f"built {built} models, left {len(left)} as they were")


def bring_evidence(home: Home) -> None:
    """Bring what was loaded, sent, decided and found so far to where models read."""
    with Store(home.operations) as store, duckdb.connect(str(home.warehouse)) as there:
        copy_evidence(store, there)


def _as_it_was(
    context: dg.AssetExecutionContext, left: list[dg.AssetKey]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Report on models that are left alone, where a step waits to follow them.

    Their blocking checks have passed, or the last build would not count. What the
    others found last still stands, and is not said again.
    """
    read = {*_assets_of(CHECKS), *BREAKS, *COMPARED}
    followed = [key for key in left if key in read]
    for key in followed:
        yield dg.MaterializeResult(asset_key=key, metadata={"built": False})
    chosen = context.selected_asset_check_keys
    for spec in context.assets_def.check_specs:
        if spec.blocking and spec.asset_key in followed and spec.key in chosen:
            yield dg.AssetCheckResult(
                asset_key=spec.asset_key,
                check_name=spec.name,
                passed=True,
                description="It passed; what it looks at has not changed since.",
            )


def _work(
    context: dg.AssetExecutionContext, home: Home, *, is_whole: bool
) -> tuple[list[dg.AssetKey], Iterator[Event]]:
    """Return what of the run's models is as it would be built, and the rest's build."""
    selection, _ = get_subset_selection_for_context(
        context=context,
        manifest=MANIFEST,
        select=None,
        exclude=None,
        selector=None,
        dagster_dbt_translator=TRANSLATOR,
        current_dbt_indirect_selection_env=None,
    )
    if selection:
        return [], build(home.warehouse, home.as_of, selection)
    work = changed(home.warehouse, home.as_of, is_whole=is_whole)
    return _untouched(work), build_changed(home.warehouse, home.as_of, work)


def _untouched(work: Work) -> list[dg.AssetKey]:
    """Return the models that stand on no table that changed, each after its parents."""
    if work.tables is None:
        return []
    order = TopologicalSorter(MANIFEST["parent_map"]).static_order()
    touched: set[str] = set()
    untouched = []
    for node in order:
        source = MANIFEST["sources"].get(node)
        if source is not None:
            name = f"{source['schema']}.{source['identifier']}"
            is_touched = name in work.tables
        else:
            is_touched = not touched.isdisjoint(MANIFEST["parent_map"][node])
        if is_touched:
            touched.add(node)
        elif MANIFEST["nodes"].get(node, {}).get("resource_type") in {"model", "seed"}:
            untouched.append(TRANSLATOR.get_asset_key(MANIFEST["nodes"][node]))
    return untouched

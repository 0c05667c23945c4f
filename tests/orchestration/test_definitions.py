"""The asset graph speaks the house's words, and every asset has somebody to answer."""

import json
from functools import cache
from typing import Any

import dagster as dg
import pytest
import yaml

from identity.entities.customers import CUSTOMERS
from identity.records import raw_tables
from ingestion.systems import SYSTEMS
from orchestration.build import manifest_path
from orchestration.home import ROOT, TRANSFORM

OWN_GROUPS = {"identity", "reverse_etl", "published", "seeds"}


@cache
def definitions() -> dg.Definitions:
    """Load the definitions once: they read the whole dbt manifest."""
    from orchestration.definitions import defs

    return defs


@cache
def models() -> list[dict[str, Any]]:
    """Return the models of the dbt manifest."""
    manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
    return [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model"
    ]


def specs() -> list[dg.AssetSpec]:
    """Return every asset that we make (not those only named as an input)."""
    graph = definitions().resolve_asset_graph()
    made = graph.materializable_asset_keys
    return [
        spec for spec in definitions().resolve_all_asset_specs() if spec.key in made
    ]


def test_every_folder_is_a_schema_and_a_group() -> None:
    """Folder, warehouse schema and Dagster group are one word."""
    groups = {tuple(spec.key.path): spec.group_name for spec in specs()}

    for model in models():
        folder = model["fqn"][1]
        assert model["schema"] == folder
        assert groups[folder, model["name"]] == folder


def test_every_system_is_a_group_of_its_streams() -> None:
    """What is loaded stands under the system it came from."""
    groups = {tuple(spec.key.path): spec.group_name for spec in specs()}

    for system in SYSTEMS:
        for stream in system.streams:
            assert groups[f"raw_{system.name}", stream.name] == f"raw_{system.name}"


def test_there_is_no_group_beside_them() -> None:
    """A newcomer meets no word that is not a folder, a schema or a step."""
    folders = {model["fqn"][1] for model in models()}
    raw = {f"raw_{system.name}" for system in SYSTEMS}

    assert {spec.group_name for spec in specs()} == folders | raw | OWN_GROUPS


@pytest.mark.parametrize("trait", ["owners", "kinds", "description", "group_name"])
def test_every_asset_says_what_it_is_and_who_answers(trait: str) -> None:
    """An asset nobody owns or describes is found by nobody when it is red."""
    silent = [spec.key.to_user_string() for spec in specs() if not getattr(spec, trait)]

    assert silent == []


def test_customers_are_resolved_between_ingestion_and_transform() -> None:
    """A model that is built before who is who is known would give old customers."""
    graph = definitions().resolve_asset_graph()
    links = dg.AssetKey(["identity", "links"])
    linked = dg.AssetKey(["intermediate", "int_customers__linked"])

    assert {
        dg.AssetKey(name.split(".")) for name in raw_tables(CUSTOMERS).values()
    } <= graph.get(links).parent_keys
    assert links in graph.get(linked).parent_keys


def test_every_check_of_a_run_has_a_line_in_the_runbook() -> None:
    """Who is told that a check failed finds there what it means and what to do."""
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    models = {"staging", "intermediate", "canonical", "revenue", "marts", "seeds"}
    ours = {
        key.name
        for key in definitions().resolve_asset_graph().asset_check_keys
        if key.asset_key.path[0] not in {*models, "reconciliation"}
    }

    assert "audit_chain_holds" in ours
    assert {name for name in ours if f"`{name}`" not in runbook} == set()


def test_every_reconciliation_check_is_an_asset_check() -> None:
    """A check that the UI does not show is a check that nobody sees fail."""
    checks = definitions().resolve_asset_graph().asset_check_keys
    checked = {key.asset_key.path[-1] for key in checks if key.name == "ties_out"}
    rules = {
        path.stem for path in (TRANSFORM / "models/reconciliation").glob("rec_*.sql")
    }

    assert len(rules) >= 14
    assert rules == checked


def test_what_writes_the_warehouse_shares_one_pool() -> None:
    """Runs that write the warehouse never overlap: the pool admits one run."""
    settings = yaml.safe_load(
        (TRANSFORM.parent / "orchestration/deploy/dagster.yaml").read_text("utf-8")
    )
    pools = {
        node.name: node.pools
        for node in definitions().resolve_job_def("close_loop").all_node_defs
    }

    assert settings["concurrency"]["pools"] == {
        "granularity": "run",
        "default_limit": 1,
    }
    assert {name for name, pool in pools.items() if pool != {"warehouse"}} == set()


def test_there_are_jobs_a_schedule_and_a_sensor() -> None:
    """The loop runs by itself, and approvals are sent without waiting for the hour."""
    repository = definitions().get_repository_def()

    assert {"close_loop", "refresh", "send_approved"} <= set(repository.job_names)
    assert repository.has_schedule_def("hourly")
    assert repository.has_sensor_def("approved_changes")

"""What the Dagster UI offers of ingestion: backfills, replays, and two checks."""

from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest

from ingestion.systems import SYSTEMS
from orchestration.defs.backfills import DAYS, JOBS
from orchestration.defs.ingestion import ADDS_UP, ASSETS, NOTHING_HELD
from orchestration.defs.resources import POOL, Workplace
from tests.orchestration.conftest import House, OpenHouse

RESOURCES = {"workplace": Workplace()}


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """A home with Zendesk, into which everything is loaded."""
    house = open_house("zendesk")
    loaded()
    return house


def loaded(*names: str) -> dg.ExecuteInProcessResult:
    """Load Zendesk as the loop does, or some tables of it."""
    (step,) = [each for each in ASSETS if each.op.name == "raw_zendesk"]
    keys = [dg.AssetKey(["raw_zendesk", name]) for name in names]
    return dg.materialize([step], selection=keys or None, resources=RESOURCES)


def job(name: str) -> dg.JobDefinition:
    """Return a job, as the UI starts it."""
    from orchestration.definitions import defs

    return defs.resolve_job_def(name)


def observed(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return how many records were read, by table."""
    return {
        event.asset_observation_data.asset_observation.asset_key.path[-1]: (
            event.asset_observation_data.asset_observation.metadata["read"].value
        )
        for event in result.all_events
        if event.event_type_value == "ASSET_OBSERVATION"
    }


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """Return what the checks found, by name."""
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def test_every_system_can_be_loaded_again_and_replayed_in_the_pool() -> None:
    """Days are the partitions, so the UI offers a backfill of any of them."""
    by_name = {each.name: each for each in JOBS}

    for system in SYSTEMS:
        again, anew = (
            by_name[f"backfill_{system.name}"],
            by_name[f"replay_{system.name}"],
        )
        assert again.partitions_def == DAYS
        assert anew.partitions_def is None
        for each in (again, anew):
            assert [node.pools for node in each.all_node_defs] == [{POOL}]
    assert DAYS.has_partition_key(f"{date.today() - timedelta(days=1)}")  # noqa: DTZ011


def test_a_partition_loads_its_day_and_no_other(house: House) -> None:
    """Both ends are midnights of UTC; the table is observed, not materialised."""
    day, number = house.rows(
        "select updated_at::date, count(*) from raw_zendesk.organizations"
        " group by 1 order by 1 desc limit 1"
    )[0]
    house.rows("delete from raw_zendesk.organizations")
    house.rows("delete from raw_zendesk.users")
    config = {"load_days_of_zendesk": {"config": {"streams": ["organizations"]}}}

    result = job("backfill_zendesk").execute_in_process(
        partition_key=f"{day}", run_config={"ops": config}
    )

    found = house.rows(
        "select updated_at::date, count(*) from raw_zendesk.organizations group by 1"
    )
    assert (day, number) in found
    assert all(each >= day for each, _ in found)
    assert set(observed(result)) == {"organizations"}
    assert house.rows("select count(*) from raw_zendesk.users") == [(0,)]
    assert not [e for e in result.all_events if e.is_step_materialization]


def test_a_backfill_of_what_does_not_exist_fails(open_house: OpenHouse) -> None:
    """The sentence in the run says which tables there are."""
    open_house("zendesk")
    config = {"load_days_of_zendesk": {"config": {"streams": ["tickts"]}}}

    with pytest.raises(Exception, match="no stream 'tickts'; there are organizations"):
        job("backfill_zendesk").execute_in_process(
            partition_key="2026-10-01", run_config={"ops": config}
        )


def test_a_replay_fills_what_was_emptied_without_the_vendor(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The records of the warehouse are typed anew."""
    before = house.rows("select id, subject from raw_zendesk.tickets order by id")
    house.rows("update raw_zendesk.tickets set subject = null")
    monkeypatch.delenv("ZENDESK_API_TOKEN")
    config = {"type_anew_zendesk": {"config": {"streams": ["tickets"]}}}

    result = job("replay_zendesk").execute_in_process(run_config={"ops": config})

    after = house.rows("select id, subject from raw_zendesk.tickets order by id")
    assert after == before
    assert observed(result) == {"tickets": len(before)}


def test_the_checks_pass_where_nothing_is_held(open_house: OpenHouse) -> None:
    """Each system has two; what was read is counted."""
    open_house("zendesk")

    found = checks(loaded())

    assert {name: each.passed for name, each in found.items()} == {
        NOTHING_HELD: True,
        ADDS_UP: True,
    }
    assert int(str(found[ADDS_UP].metadata["streams"].value)) == 3


def test_a_record_that_is_held_is_a_warning_that_says_what_to_do(house: House) -> None:
    """The run succeeds: one record does not stop the others."""
    house.edit("zendesk", "ticket", house.ids("zendesk", "ticket")[0], subject=12)

    result = loaded()

    held = checks(result)[NOTHING_HELD]
    assert result.success
    assert (held.passed, held.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert held.description == (
        "1 records are held (tickets): `concord quarantine zendesk` says why and what"
        " to do."
    )
    assert checks(result)[ADDS_UP].passed


def test_totals_that_differ_from_the_load_are_an_error(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store says of a load is compared with what the load says."""
    monkeypatch.setattr("orchestration.defs.ingestion.latest", lambda *_: [])

    wrong = checks(loaded())[ADDS_UP]

    assert (wrong.passed, wrong.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "concord backfill zendesk organizations tickets users" in (
        wrong.description or ""
    )
    assert house.rows("select count(*) from raw_zendesk.users")


def test_the_checks_stand_at_every_system() -> None:
    """Also where nothing is connected yet."""
    for system, asset in zip(SYSTEMS, ASSETS, strict=True):
        assert {spec.name for spec in asset.check_specs} == {NOTHING_HELD, ADDS_UP}
        assert {spec.asset_key.path[0] for spec in asset.check_specs} == {system.schema}

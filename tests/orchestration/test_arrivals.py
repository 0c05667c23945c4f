"""Arrivals: what systems told us is loaded by one run, and done only after it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from operations.events import Event, Record, keep
from operations.store import Store
from orchestration.defs.arrivals import SENSOR, arrived_events
from orchestration.defs.ingestion import ASSETS
from orchestration.defs.resources import Workplace
from orchestration.home import open_home
from tests.conftest import SandboxProcess

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox_small: SandboxProcess
) -> Iterator[Store]:
    """A home whose Stripe is the sandbox's; its store."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "demo")
    for name, value in sandbox_small.environment.items():
        if name.startswith("STRIPE") or not name.endswith(("_URL", "_KEY", "_SECRET")):
            monkeypatch.setenv(name, value)
    with Store(open_home().operations) as store:
        yield store


def told(store: Store, system: str, number: int = 1) -> None:
    """Write down that a system told us of a customer."""
    event = Event(system, f"evt_{number}", "updated", (Record("customer", "cus_1"),))
    with store.transaction() as connection:
        keep(connection, [event], NOON)


def pending(store: Store) -> int:
    """Count the events that wait."""
    return int(store.rows("select count(*) from events where done_at is null")[0][0])


def asked(instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    """Evaluate the sensor once."""
    context = dg.build_sensor_context(
        instance=instance, resources={"workplace": Workplace()}
    )
    (answer,) = list(arrived_events(context))  # type: ignore[call-overload]
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def ran(instance: dg.DagsterInstance, status: dg.DagsterRunStatus) -> None:
    """Put a run of the sensor into the history."""
    tags = {"dagster/sensor_name": SENSOR}
    instance.add_run(dg.DagsterRun(job_name="refresh", status=status, tags=tags))


@pytest.mark.parametrize("system", ["", "hubspot"])
def test_nothing_to_load_wakes_nobody(home: Store, system: str) -> None:
    """Neither no event at all, nor one of a system that is not read here."""
    if system:
        told(home, system)

    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(asked(instance), dg.SkipReason)


def test_only_the_systems_with_events_are_loaded(home: Store) -> None:
    """One run for all of their events, and the models that stand on them."""
    told(home, "stripe", 1)
    told(home, "stripe", 2)

    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance)

    assert isinstance(request, dg.RunRequest)
    groups = {key.path[0] for key in request.asset_selection or ()}
    assert {each for each in groups if each.startswith("raw_")} == {"raw_stripe"}
    assert {"staging", "marts", "reconciliation"} <= groups
    assert request.tags["concord/events_of"] == "stripe"


@pytest.mark.parametrize(
    ("status", "asks"),
    [
        (dg.DagsterRunStatus.STARTING, dg.SkipReason),
        (dg.DagsterRunStatus.STARTED, dg.SkipReason),
        (dg.DagsterRunStatus.FAILURE, dg.SkipReason),
        (dg.DagsterRunStatus.SUCCESS, dg.RunRequest),
        (dg.DagsterRunStatus.CANCELED, dg.RunRequest),
    ],
)
def test_one_run_at_a_time_and_a_pause_after_a_failure(
    home: Store, status: dg.DagsterRunStatus, asks: type
) -> None:
    """What is still pending when a run has ended is asked for again."""
    told(home, "stripe")

    with dg.DagsterInstance.ephemeral() as instance:
        ran(instance, status)
        assert isinstance(asked(instance), asks)


def test_the_run_that_is_asked_for_can_be_started() -> None:
    """Every asset of the request belongs to the job."""
    from orchestration.definitions import defs
    from orchestration.defs.transform import transform

    graph = defs.resolve_job_def("refresh").asset_layer.executable_asset_keys

    assert transform.keys <= graph
    assert dg.AssetKey(["raw_stripe", "customers"]) in graph
    assert defs.get_repository_def().has_sensor_def(SENSOR)


def test_a_load_marks_its_events_done_and_a_failed_one_does_not(
    home: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the credential is refused, then it is right."""
    told(home, "stripe")
    (step,) = [each for each in ASSETS if each.op.name == "raw_stripe"]
    resources = {"workplace": Workplace()}

    with monkeypatch.context() as wrong:
        wrong.setenv("STRIPE_API_KEY", "sk_test_wrong")
        failed = dg.materialize([step], resources=resources, raise_on_error=False)
    left = pending(home)
    loaded = dg.materialize([step], resources=resources)

    assert (failed.success, left) == (False, 1)
    assert (loaded.success, pending(home)) == (True, 0)

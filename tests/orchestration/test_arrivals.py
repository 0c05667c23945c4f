"""Arrivals: what systems told us is loaded by one run, and done only after it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingestion.load import load
from ingestion.systems import SYSTEMS
from operations.events import Event, Record, keep
from operations.store import Store
from orchestration.defs.arrivals import NEWS, SENSOR, arrived_events, news_of_systems
from orchestration.defs.ingestion import ASSETS
from orchestration.defs.resources import Workplace
from orchestration.home import open_home, writing
from tests.conftest import SandboxProcess

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox_small: SandboxProcess
) -> Iterator[Store]:
    """A home whose only connected system is the sandbox's Stripe; its store."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "demo")
    others = tuple(each.name.upper() for each in SYSTEMS if each.name != "stripe")
    for name in {*os.environ, *sandbox_small.environment}:
        if name.startswith(others):
            monkeypatch.delenv(name, raising=False)
        elif name in sandbox_small.environment:
            monkeypatch.setenv(name, sandbox_small.environment[name])
    with Store(open_home().operations) as store:
        yield store


def told(
    store: Store, system: str, number: int = 1, *records: tuple[str, str | None]
) -> None:
    """Write down that a system told us of records; of a customer, if none is given."""
    concerned = tuple(Record(*each) for each in records or [("customer", "cus_1")])
    event = Event(system, f"evt_{number}", "updated", concerned)
    with store.transaction() as connection:
        keep(connection, [event], NOON)


def pending(store: Store) -> int:
    """Count the events that wait."""
    return int(store.rows("select count(*) from events where done_at is null")[0][0])


def asked(
    instance: dg.DagsterInstance, sensor: dg.SensorDefinition = arrived_events
) -> dg.RunRequest | dg.SkipReason:
    """Evaluate a sensor once."""
    context = dg.build_sensor_context(
        instance=instance, resources={"workplace": Workplace()}
    )
    (answer,) = list(sensor(context))  # type: ignore[arg-type]
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def ran(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, sensor: str = SENSOR
) -> None:
    """Put a run of a sensor into the history."""
    tags = {"dagster/sensor_name": sensor}
    instance.add_run(dg.DagsterRun(job_name="refresh", status=status, tags=tags))


@pytest.mark.parametrize("system", ["", "hubspot"])
def test_nothing_to_load_wakes_nobody(home: Store, system: str) -> None:
    """Neither no event at all, nor one of a system that is not read here."""
    if system:
        told(home, system)

    with dg.DagsterInstance.ephemeral() as instance:
        assert isinstance(asked(instance), dg.SkipReason)


def test_only_the_systems_with_events_are_loaded(home: Store) -> None:
    """One run for all of their events, for who is who and the models upon them."""
    told(home, "stripe", 1)
    told(home, "stripe", 2)

    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance)

    assert isinstance(request, dg.RunRequest)
    groups = {key.path[0] for key in request.asset_selection or ()}
    assert {each for each in groups if each.startswith("raw_")} == {"raw_stripe"}
    assert {"identity", "staging", "marts", "reconciliation"} <= groups
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

    assert set(transform.keys) <= set(graph)
    assert dg.AssetKey(["raw_stripe", "customers"]) in graph
    assert defs.get_repository_def().has_sensor_def(SENSOR)


@pytest.mark.usefixtures("home")
def test_a_system_that_has_news_starts_one_round() -> None:
    """It has some until it was loaded; while the round runs, nobody is asked."""
    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance, news_of_systems)
        ran(instance, dg.DagsterRunStatus.STARTED, NEWS)
        meanwhile = asked(instance, news_of_systems)

    assert isinstance(request, dg.RunRequest)
    assert request.tags["concord/news_of"] == "stripe"
    assert isinstance(meanwhile, dg.SkipReason)


@pytest.mark.usefixtures("home")
def test_without_news_there_is_no_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither after a load of everything, nor where nobody can say."""
    materialized(is_told=False)

    with dg.DagsterInstance.ephemeral() as instance:
        quiet = asked(instance, news_of_systems)
        with writing(open_home(), "another run"):
            busy = asked(instance, news_of_systems)
        monkeypatch.setenv("STRIPE_API_KEY", "sk_test_wrong")
        silent = asked(instance, news_of_systems)

    said = [str(each.skip_message) for each in (quiet, busy, silent)]  # type: ignore[union-attr]
    assert said[0] == "Nothing is new."
    assert "another run still writes it" in said[1]
    assert "stripe failed" in said[2]


def streams_of(request: dg.RunRequest | dg.SkipReason) -> set[str]:
    """Return the raw tables of Stripe that a run is asked for."""
    assert isinstance(request, dg.RunRequest)
    keys = request.asset_selection or ()
    return {key.path[-1] for key in keys if key.path[0] == "raw_stripe"}


def materialized(
    chosen: set[str] | None = None, *, is_told: bool = True, must: bool = True
) -> dg.ExecuteInProcessResult:
    """Run Stripe's step, for some tables or for all."""
    (step,) = [each for each in ASSETS if each.op.name == "raw_stripe"]
    keys = [dg.AssetKey(["raw_stripe", name]) for name in chosen or ()]
    return dg.materialize(
        [step],
        selection=keys or None,
        run_config={"ops": {"raw_stripe": {"config": {"is_told": is_told}}}},
        resources={"workplace": Workplace()},
        raise_on_error=must,
    )


def read(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return how many records were read, by table."""
    return {
        each.asset_key.path[-1]: each.metadata["read"].value
        for each in result.asset_materializations_for_node("raw_stripe")
    }


def test_only_the_tables_are_asked_for_that_the_records_fill(home: Store) -> None:
    """An invoice has its lines and its payments with it."""
    told(home, "stripe", 1, ("invoice", "in_1"), ("customer", "cus_1"))

    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance)

    assert streams_of(request) == {
        *("invoices", "invoice_lines", "invoice_payments", "customers")
    }
    assert isinstance(request, dg.RunRequest)
    assert request.run_config == {"ops": {"raw_stripe": {"config": {"is_told": True}}}}


@pytest.mark.parametrize(
    "records",
    [
        [("invoice", None), ("customer", "cus_1")],
        [("payment_method", "pm_1")],
        [("line_item", "il_1")],
        [("customer", f"cus_{number}") for number in range(201)],
    ],
    ids=["without an id", "not read here", "not read by id", "too many"],
)
def test_what_cannot_be_read_by_itself_is_read_with_everything(
    home: Store, records: list[tuple[str, str | None]]
) -> None:
    """Then the run loads the whole system, as the hourly one does."""
    told(home, "stripe", 1, *records)

    with dg.DagsterInstance.ephemeral() as instance:
        request = asked(instance)

    (stripe,) = [each for each in SYSTEMS if each.name == "stripe"]
    assert streams_of(request) == {stream.name for stream in stripe.streams}


@pytest.mark.parametrize("is_told", [False, True])
def test_a_load_marks_its_events_done_and_a_failed_one_does_not(
    home: Store, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    """First the credential is refused, then it is right."""
    told(home, "stripe")

    with monkeypatch.context() as wrong:
        wrong.setenv("STRIPE_API_KEY", "sk_test_wrong")
        failed = materialized(is_told=is_told, must=False)
    left = pending(home)
    loaded = materialized(is_told=is_told)

    assert (failed.success, left) == (False, 1)
    assert (loaded.success, pending(home)) == (True, 0)


def test_what_arrives_before_the_run_begins_is_read_by_it(
    home: Store, sandbox_small: SandboxProcess
) -> None:
    """Also a record of a table that the run was not asked for; it is shown there."""
    customers = sandbox_small.records("stripe", "customer")
    first, second = (each["id"] for each in customers[:2])
    materialized(is_told=False)
    told(home, "stripe", 1, ("customer", first))
    with dg.DagsterInstance.ephemeral() as instance:
        chosen = streams_of(asked(instance))
    product = sandbox_small.records("stripe", "product")[0]["id"]
    told(home, "stripe", 2, ("customer", second), ("product", product))

    result = materialized(chosen)

    assert chosen == {"customers"}
    assert read(result) == {"customers": 2}
    (observed,) = result.asset_observations_for_node("raw_stripe")
    assert observed.asset_key == dg.AssetKey(["raw_stripe", "products"])
    assert observed.metadata["read"].value == 1
    assert pending(home) == 0


def test_before_the_first_load_an_event_brings_everything(home: Store) -> None:
    """A table with one record would look as if it were whole."""
    told(home, "stripe", 1)

    result = materialized({"customers"})

    assert read(result)["customers"] > 1
    assert len(result.asset_observations_for_node("raw_stripe")) > 10
    assert pending(home) == 0


def test_what_arrives_while_the_run_reads_waits_for_the_next(
    home: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its record may have been read before it changed."""
    told(home, "stripe", 1)

    def interrupted(*args: Any) -> Any:
        told(home, "stripe", 2)
        return load(*args)

    monkeypatch.setattr("orchestration.loads.load", interrupted)
    materialized({"customers"})

    assert pending(home) == 1


def test_some_tables_are_loaded_alone_and_their_events_wait(home: Store) -> None:
    """A person may choose tables in the UI; what was told of others is not covered."""
    told(home, "stripe", 1, ("invoice", "in_1"))

    result = materialized({"customers", "products"}, is_told=False)

    assert set(read(result)) == {"customers", "products"}
    assert pending(home) == 1

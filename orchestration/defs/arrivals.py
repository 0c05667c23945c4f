"""Arrivals: what wakes a run: systems told us something, or say so when asked.

What they told us is read and built anew. Which records those are the load itself finds
out once it has begun: what arrives while its run waits in the queue is then read too.
Here it is found out which assets that is.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingestion.systems import SYSTEMS, system
from operations.events import Concerned, concerned
from operations.store import Store
from orchestration.defs.identity import ASSETS as IDENTITY
from orchestration.defs.ingestion import asset_key
from orchestration.defs.resources import Workplace
from orchestration.defs.schedules import close_loop, refresh
from orchestration.defs.transform import transform
from orchestration.home import NotReadyError
from orchestration.loads import filled, named, news

SENSOR, NEWS = "arrived_events", "news"
# A system that cannot be read is not asked every half minute; the hourly loop asks too.
PAUSE_AFTER_FAILURE = timedelta(minutes=10)
# A run whose machine died stays started for ever in Dagster's history.
LONGEST_RUN = timedelta(hours=1)
ACTIVE = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


@dg.sensor(
    name=SENSOR,
    job=refresh,
    minimum_interval_seconds=30,
    # It wakes for what systems told us only, so nobody need switch it on.
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def arrived_events(
    context: dg.SensorEvaluationContext, workplace: Workplace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for one run that loads what pending events are about, and nothing else.

    The load itself marks as done what it covers, so there is nothing to remember here:
    what is still pending once a run has ended is asked for again.
    """
    home = workplace.home()
    with Store(home.operations) as store:
        pending = concerned(store)
    loadable = {each.name for each in SYSTEMS if each.is_connected(home.environ)}
    wanted = [each for each in pending if each.system in loadable]
    if not wanted:
        others = ", ".join(each.system for each in pending)
        reason = f"Events wait for {others}, not connected." if others else "No event."
        yield dg.SkipReason(reason)
        return
    busy = _busy(context.instance, SENSOR, datetime.now(UTC))
    if busy is not None:
        yield dg.SkipReason(busy)
        return
    for each in wanted:
        context.log.info(_told(each))
    yield _asked(wanted)


@dg.sensor(
    name=NEWS,
    job=close_loop,
    # Zendesk answers ten exports a minute, and one look takes three of them.
    minimum_interval_seconds=60,
    # It spends the vendors' calls, so somebody has to switch it on.
    default_status=dg.DefaultSensorStatus.STOPPED,
)
def news_of_systems(
    context: dg.SensorEvaluationContext, workplace: Workplace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask every system what is new, and go round only if something is.

    What was read waits for the run, which does not ask for it again.
    """
    busy = _busy(context.instance, NEWS, datetime.now(UTC))
    if busy is not None:
        yield dg.SkipReason(busy)
        return
    try:
        found = news(workplace.home())
    except NotReadyError as error:
        yield dg.SkipReason(str(error))
        return
    for fault in found.faults:
        context.log.warning(str(fault))
    if found.systems:
        yield dg.RunRequest(tags={"concord/news_of": ",".join(found.systems)})
    elif found.faults:
        silent = ", ".join(sorted({fault.system for fault in found.faults}))
        yield dg.SkipReason(f"Nothing is new, as far as is known: {silent} failed.")
    else:
        yield dg.SkipReason("Nothing is new.")


def _busy(instance: dg.DagsterInstance, sensor: str, at: datetime) -> str | None:
    """Say why no run is asked for now, from what became of the last one."""
    last = next(
        iter(
            instance.get_run_records(
                dg.RunsFilter(tags={"dagster/sensor_name": sensor}), limit=1
            )
        ),
        None,
    )
    if last is None:
        return None
    status = last.dagster_run.status
    if status in ACTIVE and at - last.create_timestamp < LONGEST_RUN:
        return f"Run {last.dagster_run.run_id} is loading; what arrived since is next."
    failed = status == dg.DagsterRunStatus.FAILURE
    if failed and at - last.update_timestamp < PAUSE_AFTER_FAILURE:
        return f"Run {last.dagster_run.run_id} failed; the next one is in ten minutes."
    return None


def _asked(wanted: list[Concerned]) -> dg.RunRequest:
    """Return the run that loads what is concerned and builds what stands on it."""
    raw: list[dg.AssetKey] = []
    steps: dict[str, dict[str, dict[str, bool]]] = {}
    for each in wanted:
        one = system(each.system)
        every = frozenset(stream.name for stream in one.streams)
        streams = filled(one, named(one, each)) or every
        raw += [asset_key(one, name) for name in sorted(streams)]
        steps[one.schema] = {"config": {"is_told": True}}
    return dg.RunRequest(
        asset_selection=[
            *raw,
            *(key for each in IDENTITY for key in each.keys),
            *transform.keys,
        ],
        run_config={"ops": steps},
        tags={"concord/events_of": ",".join(sorted(each.system for each in wanted))},
    )


def _told(each: Concerned) -> str:
    """Say in a sentence which records the events are about."""
    records = ", ".join(
        f"{name} {'all' if None in ids else len(ids)}"
        for name, ids in sorted(each.records.items())
    )
    return f"{each.system}: {each.events} events since {each.oldest_at} ({records})"


SENSORS = [arrived_events, news_of_systems]

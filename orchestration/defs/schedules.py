"""When things run: the whole loop every hour, what people approved at once."""

from collections.abc import Iterator

import dagster as dg

from operations.store import Store
from orchestration.defs.resources import Workplace

# What a run may write into systems: to be seen and filtered by in the list of runs.
SENDS = "concord/sends"

close_loop = dg.define_asset_job(
    "close_loop",
    tags={SENDS: "all"},
    selection=dg.AssetSelection.all(),
    description="Ingest, build, reconcile, plan, push, read back, ingest again: the "
    "second plan is empty.",
)
refresh = dg.define_asset_job(
    "refresh",
    tags={SENDS: "nothing"},
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.groups("reverse_etl", "published"),
    description="Ingest, build and reconcile; nothing is planned or sent.",
)
send_approved = dg.define_asset_job(
    "send_approved",
    tags={SENDS: "approved"},
    selection=dg.AssetSelection.assets(
        ["reverse_etl", "push"],
        ["reverse_etl", "read_back"],
        ["reverse_etl", "convergence"],
        ["published", "revenue"],
    ),
    description="Send what people approved since the last run, and confirm it.",
)

DECIDED = """
select max(decision_id) from decisions
join changes on changes.change_id = decisions.subject
where decisions.decision in ('approve', 'retry') and changes.state = 'ready'
"""

hourly = dg.ScheduleDefinition(
    name="hourly", job=close_loop, cron_schedule="0 * * * *", execution_timezone="UTC"
)


@dg.sensor(
    job=send_approved,
    minimum_interval_seconds=30,
    # It wakes for decisions of people only, so nobody need switch it on.
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def approved_changes(
    context: dg.SensorEvaluationContext, workplace: Workplace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Start one run for the newest decision whose changes were not sent yet."""
    with Store(workplace.home().operations) as store:
        ((decision,),) = store.rows(DECIDED)
    if decision is None:
        yield dg.SkipReason("Nothing is approved that was not sent.")
        return
    context.log.info(f"decision {decision} is to be carried out")
    yield dg.RunRequest(run_key=f"decision-{decision}")


JOBS = [close_loop, refresh, send_approved]
SCHEDULES = [hourly]
SENSORS = [approved_changes]

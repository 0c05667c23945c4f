"""When things run: the whole loop every hour, what people approved at once."""

from collections.abc import Iterator

import dagster as dg

from operations.store import Store
from orchestration.defs.resources import Workplace
from reverse_etl.ledger import Ledger

RUN_TAGS = {"concord/writes": "warehouse"}

close_loop = dg.define_asset_job(
    "close_loop",
    selection=dg.AssetSelection.all(),
    description="Ingest, build, reconcile, plan, push, read back, ingest again: the "
    "second plan is empty.",
    tags=RUN_TAGS,
)
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.groups("reverse_etl", "published"),
    description="Ingest, build and reconcile; nothing is planned or sent.",
    tags=RUN_TAGS,
)
send_approved = dg.define_asset_job(
    "send_approved",
    selection=dg.AssetSelection.assets(
        ["reverse_etl", "push"],
        ["reverse_etl", "read_back"],
        ["reverse_etl", "convergence"],
        ["published", "revenue"],
    ),
    description="Send what people approved since the last run, and confirm it.",
    tags=RUN_TAGS,
)

hourly = dg.ScheduleDefinition(
    name="hourly", job=close_loop, cron_schedule="0 * * * *", execution_timezone="UTC"
)


@dg.sensor(
    job=send_approved,
    minimum_interval_seconds=30,
    # It only carries out what a person has approved, so nobody need switch it on.
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def approved_changes(
    context: dg.SensorEvaluationContext, workplace: Workplace
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Start a run when somebody approved changes that were not sent yet."""
    with Store(workplace.home().operations) as store:
        ready = Ledger(store).rows(["ready"])
    if not ready:
        yield dg.SkipReason("Nothing is approved that was not sent.")
        return
    newest = max(row.changed_at for row in ready).isoformat()
    yield dg.RunRequest(run_key=newest)
    context.log.info(f"{len(ready)} changes to send")


JOBS = [close_loop, refresh, send_approved]
SCHEDULES = [hourly]
SENSORS = [approved_changes]

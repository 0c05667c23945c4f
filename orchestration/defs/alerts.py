"""Alerts: what is wrong is told to people, once, and once more when it is over.

What a channel was told stands in the cursor of the sensor, for each channel by itself:
one that was away is told later, and the others are not told again.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

import dagster as dg

from ingestion.systems import SYSTEMS
from orchestration.alerts import DAGSTER, RUNBOOK, Alert, address, notices, wrong
from orchestration.alerts import remembered as told_of
from orchestration.channels import NotSentError, channels
from orchestration.defs.resources import Workplace
from orchestration.defs.schedules import JOBS
from orchestration.home import Home

# Of each job the last runs that ended: a part of the systems may be in an older one.
LOOKED_AT = 10
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
_LOADS = {one.schema: one.name for one in SYSTEMS}


@dg.sensor(
    minimum_interval_seconds=60,
    # It speaks only where a channel is configured, so nobody need switch it on.
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def alerts(
    context: dg.SensorEvaluationContext, workplace: Workplace
) -> Iterator[dg.SkipReason]:
    """Tell people what is wrong: runs, connectors, grave breaks, stale sources."""
    home = workplace.home()
    try:
        ways = channels(home.environ)
    except NotSentError as error:
        context.log.warning(str(error))
        yield dg.SkipReason(str(error))
        return
    if not ways:
        yield dg.SkipReason("No channel is configured: see docs/runbook.md#alerts.")
        return
    at = datetime.now(UTC)
    now = [*wrong(home, at), *failed(home, context.instance)]
    said = json.loads(context.cursor or "{}")
    sent, faults = 0, []
    for way in ways:
        told = {name: tuple(each) for name, each in said.get(way.name, {}).items()}
        try:
            for notice in notices(now, told, address(home, RUNBOOK)):
                way.send(notice, at)
                sent += 1
        except NotSentError as error:
            context.log.warning(f"{way.name}: {error}")
            faults.append(way.name)
            continue
        said[way.name] = told_of(now)
    context.update_cursor(json.dumps(said))
    words = f"{len(now)} things are wrong, {sent} messages were sent"
    if faults:
        words += f"; {', '.join(faults)} could not be reached and is tried again"
    yield dg.SkipReason(f"{words}.")


def failed(home: Home, instance: dg.DagsterInstance) -> list[Alert]:
    """Return the jobs whose last run failed, and the systems that could not be read."""
    found: list[Alert] = []
    down: dict[str, Alert | None] = {}
    for job in JOBS:
        records = instance.get_run_records(
            dg.RunsFilter(job_name=job.name, statuses=_ENDED), limit=LOOKED_AT
        )
        for place, record in enumerate(records):
            run = record.dagster_run
            steps = _steps(instance, run.run_id)
            page = f"{address(home, DAGSTER)}/runs/{run.run_id}"
            for step, why in steps:
                if step in _LOADS:
                    down.setdefault(step, _down(step, why, page) if why else None)
            others = [(step, why) for step, why in steps if why and step not in _LOADS]
            is_newest_failure = place == 0 and not run.is_success
            if is_newest_failure and (others or not any(why for _, why in steps)):
                found.append(_failed(job.name, others, page))
    return found + [each for each in down.values() if each is not None]


def _failed(job: str, steps: list[tuple[str, str]], page: str) -> Alert:
    about = "; ".join(f"{step}: {why}" for step, why in steps) or "it ended unfinished"
    return Alert(
        f"run:{job}",
        f"run:{job}",
        f"The last run of {job} failed",
        about,
        "open the run, remove the cause, then `concord run` or Re-execute from failure",
        page,
        "a-run-failed",
    )


def _down(step: str, why: str, page: str) -> Alert:
    system = _LOADS[step]
    return Alert(
        f"connector:{system}",
        f"connector:{system}",
        f"{system} could not be loaded",
        why,
        f"`concord doctor` asks {system} again and says what it lacks",
        page,
        "a-connector-is-down",
    )


@lru_cache(maxsize=100)
def _steps(instance: dg.DagsterInstance, run_id: str) -> tuple[tuple[str, str], ...]:
    """Return each step of a run that ended, with its error or an empty text.

    A run that ended does not change any more, so it is read once.
    """
    kinds = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE}
    found = []
    for entry in instance.all_logs(run_id, of_type=kinds):
        event = entry.get_dagster_event()
        why = ""
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            why = _sentence(error.message if error else "no reason was kept")
        found.append((str(event.step_key), why))
    return tuple(found)


def _sentence(message: str) -> str:
    """Return an error's own words: Dagster puts the name of its class before them."""
    first = message.strip().splitlines()[0] if message.strip() else "no words"
    name, colon, words = first.partition(": ")
    return words if colon and " " not in name and "." in name else first


SENSORS = [alerts]

"""Orphans: a run whose machine died does not hold its place for ever."""

from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus as Status

from orchestration.definitions import defs
from orchestration.home import Home
from orchestration.loop import instance
from orchestration.orphans import WHY, end_orphans


@dg.job
def loop() -> None:
    """Stand for a job; nothing of it is run."""


def test_what_began_and_did_not_end_is_ended_and_nothing_else(tmp_path: Path) -> None:
    """What waits to begin goes on waiting, and what ended stays as it was."""
    kinds = [status for status in Status if status != Status.QUEUED]  # needs a queue
    with instance(Home(tmp_path, "prod", {})) as dagster:
        runs = {
            status: dagster.create_run_for_job(loop, status=status).run_id
            for status in kinds
        }

        ended = end_orphans(dagster)

        now = {
            status: dagster.get_run_by_id(run_id)  # as the UI shows it
            for status, run_id in runs.items()
        }
        (said,) = (
            entry.get_dagster_event().message
            for entry in dagster.all_logs(
                runs[Status.STARTED], of_type=dg.DagsterEventType.RUN_FAILURE
            )
        )
        again = end_orphans(dagster)
    dead = {Status.STARTING, Status.STARTED, Status.CANCELING}
    assert set(ended) == {runs[status] for status in dead}
    assert {status: run.status for status, run in now.items() if run} == {
        status: Status.FAILURE if status in dead else status for status in kinds
    }
    assert said == WHY
    assert again == []


def test_each_job_says_what_it_may_write() -> None:
    """So that the list of runs can be asked for those that reached the systems."""
    told = {
        job.name: job.tags.get("concord/sends")
        for job in defs.resolve_all_job_defs()
        if job.name in {"close_loop", "refresh", "send_approved"}
    }

    assert told == {
        "close_loop": "all",
        "refresh": "nothing",
        "send_approved": "approved",
    }

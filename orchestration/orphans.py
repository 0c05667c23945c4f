"""Orphans: runs whose process died with its machine, which Dagster holds for running.

Such a run keeps its place in the pool, so that nothing would ever run again. Whoever
starts the daemon knows that no run of it is alive yet, and ends them first.
"""

import dagster as dg

_UNFINISHED = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
WHY = (
    "Its process ended with the machine or the daemon that had started it. Nothing is "
    "half done: run it again, the ledger reads back what was on its way."
)


def end_orphans(instance: dg.DagsterInstance) -> list[str]:
    """End all runs that began and did not end; those in the queue go on waiting.

    Only to be called while no run can be alive: before the daemon starts.

    Returns:
        The ids of the runs that were ended.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED))
    for record in records:
        instance.report_run_failed(record.dagster_run, WHY)
    return [record.dagster_run.run_id for record in records]

"""Backfills: a day of a system again, from the vendor or from what is stored.

Daily partitions are what the backfill screens of the UI work with. Such a run loads a
window and nothing else: the streams are observed, not materialised, since a window of
last year says nothing of how fresh they are. The next run of the loop builds on it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from ingestion.load import Wanted
from ingestion.systems import SYSTEMS, System
from orchestration.defs.ingestion import observed
from orchestration.defs.resources import POOL, Workplace
from orchestration.loads import again, carry_out, known_day, known_streams

# Earlier days are loaded by `concord backfill`, which takes any window.
DAYS = dg.DailyPartitionsDefinition(start_date="2015-01-01", timezone="UTC")

_STREAMS: Any = Field(default=[], description="Raw tables; all of the system if empty.")


class Again(dg.Config):
    """Which streams are loaded again."""

    streams: list[str] = _STREAMS


class Stored(dg.Config):
    """Which stored records are typed anew."""

    streams: list[str] = _STREAMS
    day: str = Field(
        default="", description="Only what was loaded on that day (UTC): 2026-10-31."
    )


def _backfill(one: System) -> dg.JobDefinition:
    @dg.op(name=f"load_days_of_{one.name}", pool=POOL)
    def load_days(
        context: dg.OpExecutionContext, config: Again, workplace: Workplace
    ) -> None:
        day = date.fromisoformat(context.partition_key)
        wanted = again(known_streams(one, config.streams), day, day)
        _carried_out(context, workplace, one, wanted)

    return _job(
        f"backfill_{one.name}",
        f"Load what changed in {one.name} on some days again. A run that broke off "
        "goes on where it was.",
        load_days,
        DAYS,
    )


def _replay(one: System) -> dg.JobDefinition:
    @dg.op(name=f"type_anew_{one.name}", pool=POOL)
    def type_anew(
        context: dg.OpExecutionContext, config: Stored, workplace: Workplace
    ) -> None:
        wanted = Wanted(
            streams=known_streams(one, config.streams),
            is_stored=True,
            day=known_day(config.day),
        )
        _carried_out(context, workplace, one, wanted)

    return _job(
        f"replay_{one.name}",
        f"Type the stored records of {one.name} anew and try the quarantine again; "
        "nothing is asked of the vendor.",
        type_anew,
    )


def _job(
    name: str,
    description: str,
    step: Callable[[], object],
    days: dg.PartitionsDefinition | None = None,
) -> dg.JobDefinition:
    @dg.job(name=name, description=description, partitions_def=days)
    def only() -> None:
        step()

    return only


def _carried_out(
    context: dg.OpExecutionContext, workplace: Workplace, one: System, wanted: Wanted
) -> None:
    """Load, and show in the UI what came of each stream.

    Raises:
        SystemFault: a part of it failed; what is whole was loaded.
    """
    outcome = carry_out(workplace.home(), one, wanted, context.log.info)
    for loaded in outcome.loaded:
        context.log_event(observed(one, loaded))
    outcome.insist()


JOBS = [make(one) for one in SYSTEMS for make in (_backfill, _replay)]

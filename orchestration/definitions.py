"""Definitions: the one entry for Dagster."""

import dagster as dg

from orchestration.defs import (
    alerts,
    arrivals,
    backfills,
    checks,
    identity,
    ingestion,
    publish,
    reverse_etl,
    schedules,
)
from orchestration.defs.resources import Workplace
from orchestration.defs.transform import transform
from orchestration.progress import progress_logger

defs = dg.Definitions(
    assets=[
        *ingestion.ASSETS,
        *identity.ASSETS,
        transform,
        *reverse_etl.ASSETS,
        *publish.ASSETS,
    ],
    asset_checks=checks.ASSET_CHECKS,
    jobs=[*schedules.JOBS, *backfills.JOBS],
    schedules=schedules.SCHEDULES,
    sensors=[*schedules.SENSORS, *arrivals.SENSORS, *alerts.SENSORS],
    resources={"workplace": Workplace()},
    # Steps share one warehouse file and cost seconds each to start in processes of
    # their own (measured: 39 small steps 7 s in one process, 123 s in many).
    executor=dg.in_process_executor,
    loggers={"progress": progress_logger},
)

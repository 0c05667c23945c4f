"""Loop: run the whole cycle as one Dagster job in this process, and tell what came."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dagster as dg
import duckdb
from rich.console import Console

from operations.lifecycle import REPAIRS
from operations.store import Store
from orchestration.home import ROOT, Home
from orchestration.progress import shown

JOB = "close_loop"
# Where Dagster keeps its history, if not in files of the home.
POSTGRES = "CONCORD_DAGSTER_POSTGRES_URL"

# A break is in a person's hands when its repair is theirs to decide, or when a change
# that would repair it stands in the ledger and needs a word from somebody.
WAITS_FOR_PERSON = f"""
select kind, record_key from exceptions
where source = 'reconciliation' and closed_at is null and (
    detail ->> '$.push_class' <> 'P' or exists (
        select 1 from changes where {REPAIRS}
            and changes.state in ('waiting', 'held', 'rejected', 'diverged', 'conflict')
    )
)
"""
MONEY_SENT = """
select count(*) from changes
where first_sent_at is not null and (approval = 1 or amount_minor is not null)
"""

Finding = tuple[str, str]  # the kind of disorder and the record's key


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of the loop found, repaired and left to people."""

    found: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    second_plan: int  # changes that the second plan still holds
    money_sent: int  # changes that need an approval, and were sent
    lines: tuple[str, ...]  # sentences for the closing words


def run_job(
    home: Home, name: str, console: Console, *, is_whole: bool = False
) -> dg.ExecuteInProcessResult:
    """Run a job in this process, recorded in the home's Dagster instance.

    A job that builds makes what stands on changed tables; every model, if `is_whole`.

    Raises:
        Exception: whatever the failing step raised.
    """
    from orchestration.definitions import defs

    config: dict[str, Any] = {"loggers": {"progress": {}}}
    if is_whole:
        config["ops"] = {"transform": {"config": {"is_whole": True}}}
    with instance(home) as dagster, shown(console):
        return defs.resolve_job_def(name).execute_in_process(
            instance=dagster, run_config=config
        )


def run_loop(home: Home, console: Console) -> Outcome:
    """Run the whole loop once and read from the stores what became of it."""
    result = run_job(home, JOB, console)
    evaluation = result.get_asset_check_evaluations()
    left = next(
        int(str(check.metadata["changes"].value))
        for check in evaluation
        if check.check_name == "second_plan_is_empty"
    )
    with Store(home.operations) as store:
        rows = store.rows(
            "select kind, record_key, closed_at from exceptions"
            " where source = 'reconciliation'"
        )
        waits = store.rows(WAITS_FOR_PERSON)
        sent = store.rows(
            "select system, count(*) from changes where state = 'settled' group by 1"
            " order by 1"
        )
        ((waiting,),) = store.rows(
            "select count(*) from changes where state in ('waiting', 'held')"
        )
        ((money_sent,),) = store.rows(MONEY_SENT)
    kinds = _disorder(home)
    written = ", ".join(f"{system} {count}" for system, count in map(tuple, sent))
    return Outcome(
        found=_findings(kinds, (tuple(row)[:2] for row in rows)),
        remaining=_findings(
            kinds, (tuple(row)[:2] for row in rows if row["closed_at"] is None)
        ),
        waiting=_findings(kinds, map(tuple, waits)),
        second_plan=left,
        money_sent=money_sent,
        lines=(
            _checks(home),
            f"written and seen again by ingestion: {written or 'nothing'}",
            f"{waiting} changes wait for approval; sent without one: {money_sent}",
        ),
    )


def failed_checks(result: dg.ExecuteInProcessResult) -> list[str]:
    """Say which checks of the way back failed: a run that did not close the loop."""
    failed = [
        check
        for check in result.get_asset_check_evaluations()
        if check.asset_key.path[0] == "reverse_etl" and not check.passed
    ]
    return [
        f"{check.asset_key.path[-1]}: it is not so that "
        + check.check_name.replace("_", " ")
        for check in failed
    ]


def instance(home: Home) -> dg.DagsterInstance:
    """Open the home's Dagster instance, with our settings in it."""
    write_settings(home)
    return dg.DagsterInstance.from_config(str(home.dagster))


def write_settings(home: Home) -> None:
    """Write the settings of Dagster, which keeps its history where they say."""
    deploy = ROOT / "orchestration" / "deploy"
    storage = "sqlite.yaml"
    if url := home.environ.get(POSTGRES):
        # Dagster reads it from this process's environment, `.env` only reaches ours.
        os.environ[POSTGRES] = url
        storage = "postgres.yaml"
    home.dagster.mkdir(parents=True, exist_ok=True)
    parts = (deploy / name for name in ("dagster.yaml", storage))
    written = "".join(part.read_text(encoding="utf-8") for part in parts)
    written = written.replace("$HOME", str(home.dagster))
    (home.dagster / "dagster.yaml").write_text(written, encoding="utf-8")


def _disorder(home: Home) -> dict[str, str]:
    """Which kind of disorder each check finds, for the checks that find one."""
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select check_id, coalesce(disorder, check_id)"
            " from reconciliation.check_results"
        ).fetchall()
    return dict(rows)


def _findings(
    kinds: dict[str, str], found: Iterable[tuple[str, ...]]
) -> tuple[Finding, ...]:
    return tuple((kinds[check], record) for check, record in found)


def _checks(home: Home) -> str:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        passed, ran, idle, arr = warehouse.execute(
            "select count(*) filter (status = 'passed'),"
            " count(*) filter (status <> 'not_run'),"
            " count(*) filter (status = 'not_run'),"
            " (select closing_usd_minor from marts.arr_monthly"
            "  order by month desc limit 1)"
            " from reconciliation.check_results"
        ).fetchall()[0]
    return (
        f"{passed} of {ran} checks tie out, {idle} did not run; ARR ${arr / 100:,.2f}"
    )

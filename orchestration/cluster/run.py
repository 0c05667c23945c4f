"""Run: land, build on the cluster and on DuckDB, compare, and write it down."""

import json
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from ingestion.raw.landing import land
from orchestration.build import build
from orchestration.cluster.equal import Compared, compare
from orchestration.cluster.servers import Cluster, cluster, environment, java
from orchestration.home import ROOT, TRANSFORM, NotReadyError
from orchestration.servers import stop

VENV = ROOT / ".venv-spark"
WORKERS = 2
# What is built on both sides: the numbers, and the checks that are models. dbt's tests
# of them have run on DuckDB over rows that are shown to be the same.
BUILT = ("--resource-type", "model", "--resource-type", "seed")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    Attributes:
        warehouse: the DuckDB file whose raw tables are landed.
        work: the folder for everything that is made on the way; it starts empty.
        as_of: the day the numbers are stated for.
        kill_after: after so many built nodes a worker is killed; None for never.
        select: more arguments of dbt, on both sides.
    """

    warehouse: Path
    work: Path
    as_of: date
    kill_after: int | None = None
    select: Sequence[str] = ()


def run(wish: Wish, tell: Tell) -> dict[str, Any]:
    """Build twice and compare; return the evidence.

    Raises:
        NotReadyError: Java, Spark's environment or the warehouse is not there.
    """
    java()
    if not (VENV / "bin" / "python").exists():
        raise NotReadyError("Spark is not installed: run make cluster.")
    if not wish.warehouse.exists():
        raise NotReadyError(
            f"There is no warehouse {wish.warehouse}: run make demo first, or name one"
            ' (make cluster ARGS="--warehouse FILE").'
        )
    shutil.rmtree(wish.work, ignore_errors=True)
    # dbt's manifest calls the database after the file of a home.
    raw, tables, reference = (
        wish.work / name for name in ("raw", "tables", "warehouse.duckdb")
    )
    started = time.monotonic()
    landed = land(wish.warehouse, str(raw), wish.work)
    count = sum(map(len, landed.values()))
    tell(f"landed {count} tables in {time.monotonic() - started:.0f} s")
    evidence: dict[str, Any] = {"landed_tables": count, **_machine()}
    evidence |= _on_the_cluster(wish, raw, tables, tell)
    started = time.monotonic()
    _on_duckdb(wish, raw, reference)
    evidence["duckdb_seconds"] = round(time.monotonic() - started, 1)
    tell(f"built on DuckDB in {evidence['duckdb_seconds']} s")
    compared = compare(reference, tables)
    evidence["tables"] = [
        {**asdict(each), "is_equal": each.is_equal} for each in compared
    ]
    evidence["all_equal"] = _all_equal(compared) and not evidence["failed"]
    return evidence


def _all_equal(compared: Sequence[Compared]) -> bool:
    return bool(compared) and all(each.is_equal for each in compared)


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "workers": WORKERS,
    }


def _on_the_cluster(wish: Wish, raw: Path, tables: Path, tell: Tell) -> dict[str, Any]:
    """Start the cluster, let the driver build on it, and stop all of it."""
    with cluster(VENV, wish.work / "logs", WORKERS) as running:
        tell(f"master at {running.master}, {WORKERS} workers")
        command = [
            *(str(VENV / "bin" / "python"), str(Path(__file__).with_name("driver.py"))),
            *("--master", running.master, "--workers", str(WORKERS)),
            *("--raw", str(raw), "--tables", str(tables)),
            *("--project", str(TRANSFORM), "--work", str(wish.work / "dbt")),
            *("--as-of", wish.as_of.isoformat(), *BUILT, *wish.select),
        ]
        with (wish.work / "logs" / "driver.log").open("w", encoding="utf-8") as log:
            driver = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(VENV),
                start_new_session=True,
            )
            try:
                return _follow(_events(driver), running, wish, tell)
            finally:
                stop(driver)


def _events(driver: "subprocess.Popen[str]") -> Iterator[Mapping[str, Any]]:
    assert driver.stdout is not None  # noqa: S101  # we asked for the pipe
    for line in driver.stdout:
        if line.startswith("{"):
            yield json.loads(line)


def _follow(
    events: Iterator[Mapping[str, Any]], running: Cluster, wish: Wish, tell: Tell
) -> dict[str, Any]:
    """Read along until the driver ends; kill a worker where that is wished for."""
    told: dict[str, Any] = {"nodes": 0, "failed": [], "killed": None}
    for event in events:
        match event["event"]:
            case "ready":
                told["spark"] = event["spark"]
                tell(f"Spark {event['spark']} knows {event['registered']} tables")
            case "node":
                told["nodes"] += 1
                if told["nodes"] % 25 == 0:
                    tell(f"{told['nodes']} nodes built")
                if told["nodes"] == wish.kill_after:
                    process = running.kill(0)
                    told["killed"] = {"after": event["node"], "process": process}
                    tell(f"worker 1 killed with SIGKILL after {event['node']}")
            case "failed":
                told["failed"].append([event["node"], event["message"]])
                tell(f"failed: {event['node']}: {event['message'][:300]}")
            case "built":
                told["spark_seconds"] = event["seconds"]
                told["executors"] = event["executors"]
    if "executors" not in told:
        raise NotReadyError(
            "The driver ended before it had built anything; its log:"
            f" {wish.work / 'logs' / 'driver.log'}"
        )
    return told


def _on_duckdb(wish: Wish, raw: Path, reference: Path) -> None:
    """Build the same models with DuckDB, of the very files that Spark read."""
    with duckdb.connect(str(reference)) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema in sorted(raw.iterdir()):
            connection.execute(f"create schema if not exists {schema.name}")
            for table in sorted(schema.iterdir()):
                if not table.name.startswith("_dlt") and any(table.glob("*.parquet")):
                    connection.execute(
                        f'create table {schema.name}."{table.name}" as'
                        f" from read_parquet('{table}/*.parquet')"
                    )
    for _ in build(reference, wish.as_of, [*BUILT, *wish.select]):
        pass

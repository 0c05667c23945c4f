"""Bench of the loop: a look without news, a round with a change, and dbt alone.

    python -m tests.bench.bench_loop --customers 1000

One process goes round on the sandbox's systems, over HTTP, as a resident worker does.
The first round finds everything new; then come looks without news, then a person
changes one e-mail address, which has to arrive in the other systems and be seen there.
dbt's whole build is measured against its own SQL, executed one after another. Prints
one table and writes build/bench-loop.json.
"""

import argparse
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import httpx
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from rich.console import Console

from orchestration.build import build
from orchestration.changed import changed
from orchestration.demo import AS_OF, Company, invented
from orchestration.home import TRANSFORM, Home, open_home
from orchestration.loads import news
from orchestration.loop import run_job
from tests.bench.report import (
    Figure,
    compared,
    limited,
    machine,
    say,
    table,
    told,
    write,
)

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "build" / "bench-loop.json"
CUSTOMERS, QUICK_CUSTOMERS, MONTHS = 1000, 100, 12
ROUNDS, MINUTE = 5, 60.0
# From the stack's goals: a resident tick without news; one change, from its system to
# the others and seen there; a whole build against its SQL alone.
QUIET_SECONDS, CHANGE_SECONDS, BUILD_RATIO = 1.0, 10.0, 8.0


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    wanted, where = _arguments(given), machine()
    with tempfile.TemporaryDirectory(prefix="bench-loop-", dir=wanted.dir) as folder:
        os.environ |= {"CONCORD_HOME": folder, "CONCORD_AS_OF": AS_OF}
        company = Company(wanted.customers, MONTHS)
        with invented(open_home(), company) as (ready, url):
            # The steps find their home and its systems in the environment.
            os.environ |= ready.environ
            figures = list(_measured(ready, url, f"{wanted.customers:,} customers"))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int)
    parser.add_argument("--quick", action="store_true", help="a small company")
    parser.add_argument("--dir", type=Path, help="for the home, instead of /tmp")
    wanted = parser.parse_args(given)
    size = QUICK_CUSTOMERS if wanted.quick else CUSTOMERS
    wanted.customers = wanted.customers or size
    return wanted


def _measured(home: Home, url: str, size: str) -> Iterator[Figure]:
    first = _round(home, "the first round")
    yield told("loop: everything new", size, first, "s")
    _round(home, "a round that settles")
    looks = sorted(_look(home) for _ in range(ROUNDS))
    yield limited("loop: a look without news", size, looks[-1], "s", QUIET_SECONDS)
    yield told("loop: a look without news, the fastest", size, looks[0], "s")
    quiet = _round(home, "no news")
    yield told("loop: a round without news", size, quiet, "s")
    _edit(url)
    seconds = _round(home, "one e-mail address changed")
    yield limited("loop: one change", size, seconds, "s", CHANGE_SECONDS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield told("loop: memory", size, peak, "MB")
    yield from _built(home, size)


def _look(home: Home) -> float:
    """Ask all systems whether anything is new, as the sensor does; return the seconds.

    A minute has passed since the last time, as for the sensor: sooner Zendesk would let
    us wait, which exports ten times a minute.
    """
    time.sleep(MINUTE)
    began = time.perf_counter()
    found = news(home)
    seconds = time.perf_counter() - began
    if found.systems or found.faults:
        raise SystemExit(f"There was news: {found}")
    say(f"a look: {seconds:.2f} s")
    return seconds


def _round(home: Home, what: str) -> float:
    """Go round once; return the seconds."""
    with (home.folder / "rounds.log").open("a", encoding="utf-8") as log:
        began = time.perf_counter()
        result = run_job(home, "close_loop", Console(file=log, width=200))
        seconds = time.perf_counter() - began
    say(f"{what}: {seconds:.1f} s")
    for step in sorted(_steps(result), key=lambda each: -each[1])[:6]:
        say(f"  {step[0]}: {step[1]:.2f} s")
    return seconds


def _steps(result: Any) -> Iterator[tuple[str, float]]:
    for event in result.all_events:
        if event.event_type_value == "STEP_SUCCESS":
            yield event.step_key, event.step_success_data.duration_ms / 1000


def _edit(url: str) -> None:
    """Change a customer's e-mail address where it is owned, as a person would."""
    there = httpx.get(f"{url}/_sandbox/records/stripe/customer").json()["records"]
    record = there[len(there) // 2]
    fields = {"email": "invoices@moved.example"}
    edit = {"system": "stripe", "object": "customer", "id": record["id"]}
    httpx.post(
        f"{url}/_sandbox/edit", json={**edit, "fields": fields}
    ).raise_for_status()


def _built(home: Home, size: str) -> Iterator[Figure]:
    """Yield what dbt takes for everything, against its SQL alone."""
    began = time.perf_counter()
    for _ in build(home.warehouse, home.as_of, ["--full-refresh"]):
        pass
    seconds = time.perf_counter() - began
    say(f"dbt, everything: {seconds:.1f} s")
    copy = home.folder / "direct.duckdb"
    shutil.copy(home.warehouse, copy)
    statements = _compiled(copy)
    with closing(duckdb.connect(str(copy))) as connection:
        connection.execute("set threads = 2; set timezone = 'UTC'")
        began = time.perf_counter()
        for statement in statements:
            connection.execute(statement).fetchall()
        direct = time.perf_counter() - began
    say(f"its SQL: {direct:.1f} s, {len(statements)} statements")
    yield compared(
        "dbt: everything, against its SQL alone",
        size,
        seconds,
        "s",
        against=direct,
        target=BUILD_RATIO,
    )
    began = time.perf_counter()
    changed(home.warehouse, home.as_of)
    yield told("dbt: to see what changed", size, time.perf_counter() - began, "s")


def _compiled(warehouse: Path) -> list[str]:
    """Return the SQL of every model and test, each after those that it reads."""
    os.environ["CONCORD_WAREHOUSE"] = str(warehouse)
    places = [f"--{kind}-dir={TRANSFORM}" for kind in ("project", "profiles")]
    places.append("--log-level-file=none")
    variables = f"{{as_of: '{AS_OF}'}}"
    with tempfile.TemporaryDirectory() as target:
        command = ["compile", "--quiet", "--full-refresh", *places, "--vars", variables]
        done = dbtRunner().invoke([*command, "--target-path", target])
    DuckDBConnectionManager.close_all_connections()
    if not done.success:
        raise SystemExit(f"dbt could not compile: {done.exception}")
    return [_statement(each.node) for each in done.result.results]


def _statement(node: Any) -> str:
    """Return what a node does to the database: nothing, for a seed."""
    if node.resource_type == "test":
        return f"select count(*) from ({node.compiled_code}) as failing"
    if node.resource_type != "model":
        return "select 1"
    kind = "view" if node.config.materialized == "view" else "table"
    return f"create or replace {kind} {node.relation_name} as {node.compiled_code}"


if __name__ == "__main__":
    sys.exit(main())

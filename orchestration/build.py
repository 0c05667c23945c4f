"""Build: dbt inside this process, told as it goes.

Starting the dbt command costs three to five seconds each time; inside a process that
already holds the manifest a build costs its SQL. The events are dbt's own, so that
dagster-dbt can turn them into materialisations and checks.
"""

import fcntl
import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from orchestration.home import TRANSFORM, NotReadyError, open_home

Event = Mapping[str, Any]


class BuildFailedError(Exception):
    """dbt could not build: the text names the first node that failed and why."""


def manifest_path() -> Path:
    """Return the project's manifest.json, parsed anew when the project has changed.

    Raises:
        BuildFailedError: the project does not parse.
    """
    manifest = TRANSFORM / "target" / "manifest.json"
    newest = max(path.stat().st_mtime for path in project_files())
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        _parse()
    return manifest


def project_files() -> list[Path]:
    """Return the files of the dbt project, always in the same order."""
    return sorted(
        path
        for pattern in (
            "*.yml",
            "models/**/*",
            "macros/**/*",
            "tests/**/*",
            "seeds/**/*",
        )
        for path in TRANSFORM.glob(pattern)
        if path.is_file()
    )


def build(
    warehouse: Path, as_of: date, arguments: Sequence[str] = ()
) -> Iterator[Event]:
    """Run `dbt build` on the warehouse and yield dbt's structured events as they come.

    Args:
        warehouse: The DuckDB file; no other connection of this process may be open.
        as_of: The day the numbers are stated for.
        arguments: More arguments of `dbt build`, such as a selection.

    Raises:
        BuildFailedError: a node failed. Checks that only warn do not fail a build.
    """
    from dbt_common.events.functions import msg_to_dict

    events: SimpleQueue[Event | None] = SimpleQueue()
    outcome: list[Any] = []
    command = [
        "build",
        *_places(),
        "--no-write-json",
        "--vars",
        f"{{as_of: '{as_of.isoformat()}'}}",
    ]

    def run() -> None:
        try:
            with _warehouse_in_environment(warehouse):
                outcome.append(
                    _runner(lambda message: events.put(msg_to_dict(message))).invoke(
                        [*command, *arguments]
                    )
                )
        finally:
            _let_go()
            events.put(None)

    worker = Thread(target=run, name="dbt", daemon=True)
    worker.start()
    failed: list[Event] = []
    try:
        while (event := events.get()) is not None:
            if _has_failed(event):
                failed.append(event)
            yield event
    finally:
        worker.join()  # nobody goes on while dbt still writes
    if not outcome or not outcome[0].success:
        raise BuildFailedError(_why(failed, outcome))


def _places() -> list[str]:
    """Arguments that name the project, whatever the working directory is."""
    return [
        *("--project-dir", str(TRANSFORM)),
        *("--profiles-dir", str(TRANSFORM)),
        *("--log-level-file", "none"),
        "--quiet",
        "--no-use-colors",
    ]


@cache
def parsed(target: str = "duckdb") -> Any:
    """Return the project as dbt's own object, parsed once per process and target.

    dbt parses anew when the profile's path has changed, so the path is the home's from
    the start. Garbage is not looked for among its objects, which live as long as the
    process and are more than all others: that took a third of a parse and of a build.

    Raises:
        BuildFailedError: the project does not parse.
    """
    manifest = _parse("--no-write-json", "--target", target)
    gc.freeze()
    return manifest


def _parse(*arguments: str) -> Any:
    """Parse the project; dbt writes its files in place, so one process at a time."""
    from dbt.cli.main import dbtRunner

    target = TRANSFORM / "target"
    target.mkdir(exist_ok=True)
    with (target / "parse.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _warehouse_in_environment(open_home().warehouse), _no_collection():
            result = dbtRunner().invoke(["parse", *_places(), *arguments])
    if not result.success:
        raise BuildFailedError(f"The dbt project does not parse: {result.exception}")
    return result.result


def _runner(listen: Callable[[Any], None]) -> Any:
    from dbt.cli.main import dbtRunner

    return dbtRunner(manifest=parsed(), callbacks=[listen])


def _let_go() -> None:
    """Close dbt's connection: it outlives the invocation and would lock the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV  # noqa: SLF001  # it has no other door
    if environment is not None:
        environment.close()
        DuckDBConnectionManager.close_all_connections()


@contextmanager
def _warehouse_in_environment(warehouse: Path) -> Iterator[None]:
    """The profile reads CONCORD_WAREHOUSE: set it for one invocation only."""
    before = os.environ.get("CONCORD_WAREHOUSE")
    os.environ["CONCORD_WAREHOUSE"] = str(warehouse)
    try:
        yield
    finally:
        if before is None:
            del os.environ["CONCORD_WAREHOUSE"]
        else:
            os.environ["CONCORD_WAREHOUSE"] = before


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let garbage wait, where millions of objects are made and none is any."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _has_failed(event: Event) -> bool:
    status = str(event["data"].get("node_info", {}).get("node_status", ""))
    return status in {"error", "fail", "runtime error"}


def _why(failed: Sequence[Event], outcome: Sequence[Any]) -> str:
    """One sentence: the first node that failed, with the database's own words."""
    results = getattr(outcome[0].result, "results", []) if outcome else []
    for result in results:
        if str(result.status) in {"error", "fail", "runtime error"}:
            return f"dbt: {result.node.name} failed: {result.message}"
    if failed:
        return f"dbt: {failed[0]['info']['msg']}"
    if outcome and outcome[0].exception is not None:
        return f"dbt: {outcome[0].exception}"
    raise NotReadyError("dbt stopped without an answer: run `make check` and look.")


if __name__ == "__main__":
    print(f"parsed: {manifest_path()}")  # noqa: T201  # the one word of `make check`

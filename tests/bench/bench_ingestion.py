"""Bench of ingestion: how near a load comes to what cannot be less.

    python -m tests.bench.bench_ingestion --rows 1000000

Rows through the whole path against the raw limit on the same server, exact sums, a
merge against a direct one, a load when nothing changed; calls against the least that
arithmetic allows; time where a rate limit binds. Each path runs in a process of its
own, interleaved with what it is compared with. Prints one table and writes
build/bench-ingestion.json.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench import bench_ingestion_calls as calls
from tests.bench import bench_ingestion_limits as limits
from tests.bench import bench_ingestion_reading as reading
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
REPORT = ROOT / "build" / "bench-ingestion.json"
ROWS, QUICK_ROWS = 1_000_000, 20_000
# Customers of the company whose calls are counted, and of the one that waits.
CUSTOMERS, WAITING, QUICK_CUSTOMERS = 1000, 500, 150
# The small size is this share of the whole, and is measured so often.
SHARE, ROUNDS = 10, 3
# From issue 7.
RAW_TARGET, MERGE_TARGET, MEMORY_MB = 1.5, 1.5, 1000.0
# "Flat": what a process has besides may differ by so much.
FLAT = 1.1
_QUIET = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
Step = Mapping[str, Any]
Steps = Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class Went:
    """What each path's steps took at one size, in the middle of all rounds.

    `truth` is what the vendor holds.
    """

    rows: int
    truth: Mapping[str, int]
    paths: Mapping[str, Steps]

    def step(self, path: str, name: str = "load") -> Step:
        """Return what a step took."""
        return self.paths[path][name]

    @property
    def size(self) -> str:
        """Return the size for people."""
        return f"{self.rows:,} rows"


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    wanted, where = _arguments(given), machine()
    with tempfile.TemporaryDirectory(prefix="bench-ingestion-", dir=wanted.dir) as home:
        figures = list(_measured(wanted, Path(home)))
    where = f"{where}, {os.getloadavg()[0]:.1f} after"
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--dir", type=Path, help="for working files, instead of /tmp")
    wanted = parser.parse_args(given)
    wanted.rows = wanted.rows or (QUICK_ROWS if wanted.quick else ROWS)
    return wanted


def _measured(wanted: argparse.Namespace, home: Path) -> Iterator[Figure]:
    small = _went(home / "small", wanted.rows // SHARE, ROUNDS, plain=True)
    large = _went(home / "large", wanted.rows, 1)
    yield from _rows(small, None)
    yield from _rows(large, RAW_TARGET)
    yield from _plain(small, large)
    yield from _memory(small, large)
    yield from _exact(small, large)
    yield from _merged(large)
    yield _unchanged(large)
    yield from reading.measured(_folder(home / "reading"))
    customers = QUICK_CUSTOMERS if wanted.quick else CUSTOMERS
    yield from calls.measured(_folder(home / "calls"), customers)
    customers = QUICK_CUSTOMERS if wanted.quick else WAITING
    yield from limits.measured(_folder(home / "limits"), customers)


def _rows(went: Went, target: float | None) -> Iterator[Figure]:
    """Yield what the whole path takes, against the limit."""
    ours, raw, text = (went.step(path) for path in ("ours", "raw", "text"))
    seconds, against = ours["seconds"], raw["seconds"]
    what = "rows: wall, against raw"
    yield compared(what, went.size, seconds, "s", against=against, target=target)
    what = "rows: processor, against raw"
    yield compared(what, went.size, ours["cpu"], "s", against=raw["cpu"])
    what = "rows: wall, against raw that keeps the record's text"
    against = text["seconds"]
    yield compared(what, went.size, ours["seconds"], "s", against=against)
    for part, seconds in ours["parts"].items():
        yield told(f"rows: of that, {part}", went.size, seconds, "s")


def _plain(small: Went, large: Went) -> Iterator[Figure]:
    """Yield what a row takes dlt's rest_api by default, against the others.

    It would need minutes for all of them.
    """
    plain = small.step("plain")["seconds"] / small.rows * 1e6
    for path in ("raw", "ours"):
        what = f"rows: plain dlt, a row, against {path} of {large.size}"
        against = large.step(path)["seconds"] / large.rows * 1e6
        yield compared(what, small.size, plain, "us", against=against)


def _memory(small: Went, large: Went) -> Iterator[Figure]:
    ours, before = large.step("ours")["peak_mb"], small.step("ours")["peak_mb"]
    yield limited("memory: peak", large.size, ours, "MB", MEMORY_MB)
    what = f"memory: peak, against {small.size}"
    yield compared(what, large.size, ours, "MB", against=before, target=FLAT)
    for path, went in (("raw", large), ("text", large), ("plain", small)):
        peak = went.step(path)["peak_mb"]
        yield told(f"memory: peak, {path}", went.size, peak, "MB")


def _exact(small: Went, large: Went) -> Iterator[Figure]:
    """Yield by how many hundredths the sums of all amounts are off."""
    for path, went, target in (("ours", large, 0.0), ("plain", small, None)):
        cents = Decimal(went.step(path)["sum"]) * 100
        off = float(abs(cents - went.truth["cents"]))
        yield _off(f"exactness: {path}", went.size, off, target)
    then = Decimal(large.step("ours", "merge")["sum"]) * 100
    off = float(abs(then - large.truth["cents_then"]))
    yield _off("exactness: ours, after the merge", large.size, off, 0.0)


def _off(name: str, size: str, off: float, target: float | None) -> Figure:
    unit = "hundredths"
    if target is None:
        return told(name, size, off, unit)
    return limited(name, size, off, unit, target)


def _merged(went: Went) -> Iterator[Figure]:
    ours, direct = went.step("ours", "merge"), went.step("direct", "merge")
    size = f"{ours['changed']:,} changes into {went.size}"
    yield compared(
        "merge: wall, against MERGE INTO",
        size,
        ours["seconds"],
        "s",
        against=direct["seconds"],
        target=MERGE_TARGET,
    )
    parts = ours["parts"]
    inside = parts["comparing"] + parts["dlt: load"]
    yield compared(
        "merge: in the database", size, inside, "s", against=direct["in_database"]
    )
    for part, seconds in parts.items():
        yield told(f"merge: of that, {part}", size, seconds, "s")


def _unchanged(went: Went) -> Figure:
    again = went.step("ours", "again")
    written = "untouched" if again["is_untouched"] else "NOT untouched"
    size = f"{went.size}, {again['seconds']:.2f} s; the warehouse is {written}"
    target = 1.0 if again["is_untouched"] else 0.0
    made = again["calls"]
    return limited("nothing changed: calls of one object", size, made, "calls", target)


def _went(home: Path, rows: int, rounds: int, *, plain: bool = False) -> Went:
    """Go all paths in turn, as often as that."""
    say(f"Making pages of {rows:,} rows ...")
    taken: dict[str, list[Steps]] = {}
    with _served(rows) as url:
        truth = json.loads(urllib.request.urlopen(f"{url}/truth").read())  # noqa: S310
        for number in range(rounds):
            paths = ["raw", "text", "ours", "direct"]
            if plain and number == 0:  # once: it takes as long as all others together
                paths.append("plain")
            for path in paths:
                say(f"Round {number + 1} of {rounds}, {rows:,} rows: {path} ...")
                where = _folder(home / ("raw" if path == "direct" else path))
                taken.setdefault(path, []).append(_path(path, url, where))
            shutil.rmtree(home)
    return Went(rows, truth, {path: _middle(each) for path, each in taken.items()})


def _middle(rounds: Sequence[Steps]) -> Steps:
    """Return each step of the round in which it took neither longest nor shortest."""
    names = rounds[0]
    return {
        name: sorted((each[name] for each in rounds), key=lambda step: step["seconds"])[
            len(rounds) // 2
        ]
        for name in names
    }


def _path(path: str, url: str, home: Path) -> Steps:
    module = "tests.bench.bench_ingestion_paths"
    command = [sys.executable, "-m", module, path, url, str(home)]
    environ = {**os.environ, **_QUIET}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, check=True, text=True
    )
    return {step["step"]: step for step in json.loads(done.stdout.splitlines()[-1])}


@contextmanager
def _served(rows: int) -> Iterator[str]:
    """Start the server of pages; return where it is, once they are made."""
    module = "tests.bench.bench_ingestion_pages"
    command = [sys.executable, "-m", module, "--rows", str(rows)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The server of pages did not start.")
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        process.wait(timeout=60)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    sys.exit(main())

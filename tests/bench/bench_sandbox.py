"""Bench of the sandbox: fill a large company, start it again, read pages of it.

    python -m tests.bench.bench_sandbox --customers 100000 --months 6

Prints one table and writes build/bench-sandbox.json. Everything is filled into a
temporary home and removed afterwards; 100,000 customers need 16 GB of disk.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.calls import Caller, UnexpectedAnswerError, posted
from tests.bench.readers import CONDITIONS, READERS, Reader
from tests.bench.report import Figure, machine, say, table, write

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "build" / "bench-sandbox.json"
# From issue 3: 100,000 customers with 10 M events in 5 minutes and 4 GB on 2 cores,
# pages of them at 20,000 rows a second; a restart within 2 seconds.
AT = 100_000
EVENTS_EACH = 100
# A history that two cores draw and enter in 5 minutes: 278 s; 9 months took 331 s.
MONTHS = 6
FILL_SECONDS, FILL_GB = 300.0, 4.0
ROWS_PER_SECOND = 20_000.0
RESTART_SECONDS = 2.0
READ_SECONDS = 4.0  # of each reader at each door
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Started:
    """A sandbox that runs, and what its start cost."""

    process: subprocess.Popen[str]
    told: Mapping[str, Any]
    seconds: float
    cpu_seconds: float
    peak_gb: float


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 1 if a target is missed."""
    wanted, where = _arguments(given), machine()
    with tempfile.TemporaryDirectory(prefix="bench-sandbox-", dir=wanted.dir) as home:
        figures = list(_measured(wanted, Path(home)))
    sys.stdout.write(f"{where}\n\n{table(figures)}\n")
    write(REPORT, figures, where)
    return int(any(each.met is False for each in figures))


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=AT)
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument("--dir", type=Path, help="for the home, instead of /tmp")
    parser.add_argument("--seconds", type=float, default=READ_SECONDS)
    return parser.parse_args(given)


def _measured(wanted: argparse.Namespace, home: Path) -> Iterator[Figure]:
    size = f"{wanted.customers:,} customers, {wanted.months} months"
    share = wanted.customers / AT
    say(f"Filling {size} ...")
    with _started(wanted, home) as filled:
        yield from _filled(filled, home, size, share)
    say("Starting it again ...")
    with _started(wanted, home) as again:
        target = RESTART_SECONDS
        yield Figure("restart", size, again.seconds, "s", target, at_most=True)
        for reader in READERS:
            for door in ("HTTP", "TLS"):
                if door == "TLS" and not reader.host:
                    continue
                say(f"Reading {reader.name}, {door} ...")
                try:
                    yield _read(reader, again.told, door, wanted.seconds)
                except UnexpectedAnswerError as error:
                    say(f"  {error}")
                    name = f"{reader.name}, {door}"
                    yield Figure(name, "refused", 0.0, "rows/s", ROWS_PER_SECOND)


def _filled(started: Started, home: Path, size: str, share: float) -> Iterator[Figure]:
    counts = _get(started.told, "/_sandbox/health")["records"]
    rows = sum(sum(objects.values()) for objects in counts.values())
    on_disk = sum(each.stat().st_size for each in home.glob("sandbox.sqlite*"))
    # Starting costs a second or two whatever the size.
    seconds = max(FILL_SECONDS * share, 5.0)
    yield Figure("fill: wall", size, started.seconds, "s", seconds, at_most=True)
    yield Figure("fill: processor", size, started.cpu_seconds, "s")
    yield Figure("fill: memory", size, started.peak_gb, "GB", FILL_GB, at_most=True)
    yield Figure("fill: disk", size, on_disk / 1e9, "GB")
    yield Figure("fill: records", size, rows, "rows")
    yield Figure("fill: usage events", size, counts["product"]["usage_event"], "rows")
    yield Figure("fill: speed", size, rows / started.seconds, "rows/s")


@contextmanager
def _started(wanted: argparse.Namespace, home: Path) -> Iterator[Started]:
    command = [
        *(sys.executable, "-m", "sandbox", "--port", "0", "--home", str(home)),
        *("--customers", str(wanted.customers), "--months", str(wanted.months)),
        *("--usage-events", str(wanted.customers * EVENTS_EACH)),
        *("--features", "all", "--disorder", "default", "--workers", "2"),
    ]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = _Peak(process.pid)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - began
        if not line:
            raise SystemExit("The sandbox did not start.")
        told = json.loads(line)
        yield Started(process, told, seconds, _cpu(process.pid), peak.stop())
    finally:
        peak.stop()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


class _Peak(threading.Thread):
    """Watches the memory of a process and its children, all together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._most = 0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.5):
            self._most = max(self._most, sum(map(_own, _family(self._pid))))

    def stop(self) -> float:
        """Return the most there ever was, in GB."""
        self._over.set()
        return self._most / 1e9


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [pid, *map(int, children.read_text().split())]
    except (OSError, ValueError):
        return [pid]


def _own(pid: int) -> int:
    """Return the bytes that a process has in memory, shared ones too."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * _PAGE


def _cpu(pid: int) -> float:
    """Return the seconds that a process and its ended children computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICK


def _get(told: Mapping[str, Any], path: str) -> Any:
    caller = Caller(told["url"])
    try:
        return json.loads(caller.get(path, {}))
    finally:
        caller.close()


def _read(reader: Reader, told: Mapping[str, Any], door: str, seconds: float) -> Figure:
    """Read pages for so long, and say how many rows came in a second."""
    environment = told["environment"]
    posted(f"{told['url']}/_sandbox/conditions", json.dumps(CONDITIONS).encode())
    if door == "TLS":
        ca_file = environment["SSL_CERT_FILE"]
        caller = Caller.through(told["door"], reader.host, ca_file)
    else:
        caller = Caller(told["url"], reader.path)
    try:
        pages = reader.rows(caller, environment)
        # The first page finds the rows, of which later ones only hand out more.
        first = time.perf_counter()
        total = next(pages)
        began = time.perf_counter()
        say(f"  first page of {total} rows after {began - first:.2f} s")
        counted = 0
        for rows in pages:
            counted += rows
            if time.perf_counter() - began >= seconds:
                break
        passed = time.perf_counter() - began
    finally:
        caller.close()
    size = f"{counted + total:,} rows, {reader.page:,} a page"
    speed = counted / passed if counted else total / (began - first)
    return Figure(f"{reader.name}, {door}", size, speed, "rows/s", ROWS_PER_SECOND)


if __name__ == "__main__":
    sys.exit(main())

"""What all tests share: the sandbox as its own process, as a user would start it."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.conformance.source import Source
from tests.conformity import DESTINATIONS, Conformity
from tests.judges import Judges

_ROOT = Path(__file__).parent.parent
# How fast a machine draws examples says nothing about what they try.
settings.register_profile("concord", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("concord")


# Folders whose files share one costly thing: a build of all models, one real server.
_SHARING = {"transform", "tryton"}
# Folders that take minutes in one worker: begun last, they would leave the other idle.
_FIRST = {"journeys", "transform"}


def pytest_configure(config: pytest.Config) -> None:
    """Let judges be heard, and what sources are like: see tests/judges.py and so on."""
    # Rich keeps the width of the terminal it began in: each test has its own.
    os.environ.pop("COLUMNS", None)
    config.pluginmanager.register(Judges(config), "judges")
    config.pluginmanager.register(Conformity(config), "conformity")
    there = Conformity(config, DESTINATIONS)
    config.pluginmanager.register(there, "conformity of destinations")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tried, and why; what cannot apply is no lack."""
    lacks: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        lacks[reason] += not reason.startswith("not applicable")
    for reason, count in (+lacks).items():
        terminalreporter.write_line(f"NOT TRIED, {count} tests: {reason}", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file, and each folder that shares something, in one worker."""
    items.sort(key=lambda item: item.path.parent.name not in _FIRST)
    for item in items:
        folder = item.path.parent
        together = folder if folder.name in _SHARING else item.path
        item.add_marker(pytest.mark.xdist_group(_shared_source(item) or str(together)))


def _shared_source(item: pytest.Item) -> str:
    """Return the source that a check of the conformance kit tries, empty if none.

    All checks of a source begin with the same loaded warehouse, in one worker.
    """
    callspec = getattr(item, "callspec", None)
    source = callspec.params.get("source") if callspec else None
    return f"conformance {source.name}" if isinstance(source, Source) else ""


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A running sandbox: where it is, how to connect, and the control door."""

    process: subprocess.Popen[str]
    url: str
    environment: Mapping[str, str]

    def truth(self) -> dict[str, Any]:
        """Return what was planted, and what would be right instead."""
        return self._get("truth")

    def journal(self) -> list[dict[str, Any]]:
        """Return every write since the start."""
        return self._get("journal")["journal"]

    def records(self, system: str, name: str) -> list[dict[str, Any]]:
        """Return all documents of an object as they stand."""
        return self._get(f"records/{system}/{name}")["records"]

    def edit(self, system: str, name: str, record_id: str, **fields: Any) -> None:
        """Change fields of a record as a person at that vendor's screen would."""
        wanted = {"system": system, "object": name, "id": record_id, "fields": fields}
        self._post("edit", wanted)

    def faults(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Replace the faults that wait for a request."""
        self._post("faults", list(faults))

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _get(self, path: str) -> Any:
        response = httpx.get(f"{self.url}/_sandbox/{path}", timeout=30)
        return response.raise_for_status().json()

    def _post(self, path: str, body: Any) -> None:
        response = httpx.post(f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        response.raise_for_status()


StartSandbox = Callable[..., SandboxProcess]


def started(home: Path, options: Mapping[str, object]) -> SandboxProcess:
    """Start a sandbox and wait until it says that it is ready."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--home", str(home)]
    for name, value in {"features": "none", **options}.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"the sandbox did not start: {process.stderr.read()}")
    ready = json.loads(line)
    # Tests load more often in a minute than Zendesk's ten exports allow.
    a_second = ("requests_per_second", "endpoint_requests_per_second")
    plenty = {
        "stripe": dict.fromkeys(a_second, 10_000),
        "zendesk": {"export_calls_per_minute": 1000},
    }
    httpx.post(f"{ready['url']}/_sandbox/conditions", json=plenty, timeout=30)
    return SandboxProcess(process, ready["url"], ready["environment"])


@pytest.fixture(scope="session")
def sandbox_small(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SandboxProcess]:
    """A small company that the whole session shares: read it, change nothing."""
    options = {"customers": 25, "months": 6, "seed": 7}
    running = started(tmp_path_factory.mktemp("sandbox"), options)
    yield running
    running.stop()


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[StartSandbox]:
    """Give a function that starts a sandbox; it takes customers, months, seed."""
    running: list[SandboxProcess] = []

    def start(**options: object) -> SandboxProcess:
        home = tmp_path / f"sandbox{len(running)}"
        wanted = {"customers": 25, "months": 6, "seed": 7, **options}
        running.append(started(home, wanted))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def sandbox(start_sandbox: StartSandbox) -> SandboxProcess:
    """A small company of one's own, to change at will."""
    return start_sandbox()

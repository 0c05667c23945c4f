"""Judges: what clients and specifications of others said, as build/fidelity.json.

A test marked `judge("zenpy 2.0.57")` lets that client, or specification, decide. The
file says per judge what was tried (the first line of each test's docstring), what came
of it, and the sums of the figures that tests give with
`record_property("judged", {"responses": 431})`. A run replaces what it tried and keeps
the rest, so that the file can be filled folder by folder.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

FILE = Path("build") / "fidelity.json"
OUTCOMES = ("passed", "failed", "skipped")

Entry = dict[str, Any]


class Judges:
    """The plugin: notes the judges where tests are collected, adds up where they end.

    Under xdist all reports arrive at the controller, with what the workers noted.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Write below the root of the checkout."""
        self.root = config.rootpath
        self.is_worker = hasattr(config, "workerinput")
        self.entries: dict[tuple[str, str], Entry] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note the judge and what is tried, so that reports carry both."""
        for item in items:
            for mark in item.iter_markers("judge"):
                note = {
                    "name": mark.args[0],
                    "tried": _first_line(item),
                    "test": _plain_id(item),
                }
                item.user_properties.append(("judge", note))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome of a test's set-up, call or tear-down."""
        properties = report.user_properties
        for note in (value for key, value in properties if key == "judge"):
            fresh: Entry = {
                "tried": note["tried"],
                "test": note["test"],
                "outcome": "passed",
            }
            entry = self.entries.setdefault((note["name"], fresh["test"]), fresh)
            if report.outcome != "passed":
                entry["outcome"] = report.outcome
            figures = [value for key, value in properties if key == "judged"]
            if figures and report.when == "call":
                entry["judged"] = {
                    name: value for each in figures for name, value in each.items()
                }

    def pytest_sessionfinish(self) -> None:
        """Write the file, unless nobody judged."""
        if self.is_worker or not self.entries:
            return
        path = self.root / FILE
        merged = {**self._earlier(path), **self.entries}
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        text = json.dumps(_told(merged), indent=2, ensure_ascii=False) + "\n"
        part.write_text(text, encoding="utf-8")
        part.replace(path)

    def _earlier(self, path: Path) -> dict[tuple[str, str], Entry]:
        """Return what earlier runs wrote of tests that are still there."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {
            (name, entry["test"]): entry
            for name, judge in told["judges"].items()
            for entry in judge["tests"]
            if self._is_there(entry["test"])
        }

    def _is_there(self, test: str) -> bool:
        file, _, name = test.partition("::")
        path = self.root / file
        function = f"def {name.partition('[')[0].rpartition('::')[2]}"
        # A state machine's test is a class attribute that hypothesis makes.
        return path.exists() and (
            function in path.read_text(encoding="utf-8") or "::" in name
        )


def _first_line(item: pytest.Item) -> str:
    text = getattr(getattr(item, "obj", None), "__doc__", None) or item.name
    return str(text).strip().splitlines()[0]


def _plain_id(item: pytest.Item) -> str:
    """Return the test's id without the group that xdist puts behind it."""
    plain = item.nodeid
    for mark in item.iter_markers("xdist_group"):
        plain = plain.removesuffix(f"@{mark.args[0]}")
    return plain


def _told(entries: dict[tuple[str, str], Entry]) -> dict[str, Any]:
    """Return the file's content: judges and tests in alphabetical order."""
    judges: dict[str, Any] = {}
    for (name, _test), entry in sorted(entries.items()):
        judge = judges.setdefault(
            name, {"tried": 0, **dict.fromkeys(OUTCOMES, 0), "figures": {}, "tests": []}
        )
        judge["tried"] += 1
        judge[entry["outcome"]] += 1
        for figure, value in entry.get("judged", {}).items():
            if isinstance(value, int | float):
                judge["figures"][figure] = judge["figures"].get(figure, 0) + value
        judge["tests"].append(entry)
    return {"judges": judges}

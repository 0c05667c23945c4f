"""Conformity: what a kit tried of each source or destination, as a file in build/.

Per source and check: the claim (the first line of the test's docstring), what came of
it, and what was measured, which tests give with `record_property("measured", {"calls
of a quiet load": 3})`. A check that a vendor cannot meet is `not applicable`, with the
reason from the source's entry. A run replaces what it tried and keeps the rest.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.source import Source
from tests.reverse_etl.destinations.target import Target

OUTCOMES = ("passed", "failed", "not applicable")
_REASON = "not applicable: "

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit: what it tries, its folder below tests, its file in build.

    The parameter of its checks is what it tries, in the singular.
    """

    name: str
    parameter: str
    tried: type[Any]
    folder: str
    file: str


SOURCES = Kit("sources", "source", Source, "conformance", "conformance.json")
DESTINATIONS = Kit(
    "destinations", "target", Target, "reverse_etl/destinations", "destinations.json"
)


class Conformity:
    """The plugin: notes source and claim at collection, adds up where tests end.

    Under xdist all reports arrive at the controller, with what the workers noted.
    """

    def __init__(self, config: pytest.Config, kit: Kit = SOURCES) -> None:
        """Write below the root of the checkout."""
        self.kit = kit
        self.root = config.rootpath
        self.is_worker = hasattr(config, "workerinput")
        self.entries: dict[tuple[str, str], Entry] = {}
        self.elsewhere: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note the source and the claim, so that reports carry both."""
        for item in items:
            callspec = getattr(item, "callspec", None)
            kit = self.kit
            source = callspec.params.get(kit.parameter) if callspec else None
            if not isinstance(source, kit.tried):
                continue
            function: Any = item
            note = {
                "source": getattr(source, "label", source.name),
                "check": function.originalname.removeprefix("test_").replace("_", " "),
                "claim": str(function.obj.__doc__).strip().splitlines()[0],
                "test": f"{item.path.name}::{function.originalname}",
            }
            item.user_properties.append((f"conformity of {kit.name}", note))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome of a test's set-up, call or tear-down."""
        properties: list[tuple[str, Any]] = report.user_properties
        for name, value in properties:
            if name == "tried elsewhere" and f"/{self.kit.folder}/" in report.nodeid:
                self.elsewhere |= value
        mine = f"conformity of {self.kit.name}"
        for note in (value for name, value in properties if name == mine):
            fresh = {**note, "outcome": "passed"}
            place = (note["source"], note["test"])
            entry = self.entries.setdefault(place, fresh)
            if report.outcome == "failed":
                entry["outcome"] = "failed"
            elif report.outcome == "skipped":
                entry |= {"outcome": "not applicable", "reason": _reason(report)}
            for name, value in properties:
                if name == "measured" and report.when == "call":
                    entry["measured"] = value

    def pytest_sessionfinish(self) -> None:
        """Write the file, unless nothing of the kit was run."""
        if self.is_worker or not self.entries:
            return
        path = self.root / "build" / self.kit.file
        earlier, elsewhere = self._earlier(path)
        merged = {**earlier, **self.entries}
        told = _told(self.kit.name, merged, {**elsewhere, **self.elsewhere})
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        part.write_text(text, encoding="utf-8")
        part.replace(path)

    def _earlier(
        self, path: Path
    ) -> tuple[dict[tuple[str, str], Entry], dict[str, str]]:
        """Return what earlier runs wrote of checks that are still there."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}, {}
        kept = {
            (name, each["test"]): {"source": name, **each}
            for name, source in told[self.kit.name].items()
            for each in source["results"]
            if self._is_there(each["test"])
        }
        return kept, told["tried elsewhere"]

    def _is_there(self, test: str) -> bool:
        file, _, function = test.partition("::")
        path = self.root / "tests" / self.kit.folder / file
        return path.exists() and f"def {function}(" in path.read_text("utf-8")


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    text = told[2] if isinstance(told, tuple) else str(told)
    return text.partition(_REASON)[2] or text


def _told(
    kit: str, entries: dict[tuple[str, str], Entry], elsewhere: dict[str, str]
) -> dict[str, Any]:
    """Return the file's content: sources and checks in alphabetical order."""
    sources: dict[str, Any] = {}
    for (name, _test), entry in sorted(entries.items()):
        source = sources.setdefault(
            name, {"checks": 0, **dict.fromkeys(OUTCOMES, 0), "results": []}
        )
        source["checks"] += 1
        source[entry["outcome"]] += 1
        result = {key: value for key, value in entry.items() if key != "source"}
        source["results"].append(result)
    return {kit: sources, "tried elsewhere": elsewhere}

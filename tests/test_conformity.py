"""What the conformance kit tried reaches build/conformance.json, also from workers."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PLUGIN = """
from tests.conformity import Conformity

def pytest_configure(config):
    config.pluginmanager.register(Conformity(config), "conformity")
"""
CASES = '''
import pytest
from tests.conformance.sources.zendesk import ZENDESK

@pytest.mark.parametrize("source", [ZENDESK])
def test_it_reads(source, record_property):
    """It reads.

    More about it.
    """
    record_property("measured", {"calls": 3})

@pytest.mark.parametrize("source", [ZENDESK])
def test_it_breaks(source):
    """It breaks."""
    raise OSError

@pytest.mark.parametrize("source", [ZENDESK])
def test_it_cannot(source):
    """It cannot."""
    pytest.skip("not applicable: nobody can")

def test_elsewhere(record_property):
    """Another system is tried elsewhere."""
    record_property("tried elsewhere", {"tryton": "over there"})
'''


def tried(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the checks of a folder; return what the file says."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin", *arguments],
        cwd=folder,
        # Finding all installed plugins takes longer than the tests.
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        check=False,
    )
    file = folder / "build" / "conformance.json"
    written: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout of its own, with four tests."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(PLUGIN, encoding="utf-8")
    kit = tmp_path / "tests" / "conformance"
    kit.mkdir(parents=True)
    (kit / "test_cases.py").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_each_check_has_claim_outcome_and_measure(folder: Path) -> None:
    """From workers as from one process; what cannot be met says why."""
    written = tried(folder, "-n", "2")

    results = {
        each.pop("test").partition("::")[2]: each
        for each in written["sources"]["zendesk"].pop("results")
    }
    assert written == {
        "sources": {
            "zendesk": {"checks": 3, "passed": 1, "failed": 1, "not applicable": 1}
        },
        "tried elsewhere": {"tryton": "over there"},
    }
    assert results == {
        "test_it_reads": {
            "check": "it reads",
            "claim": "It reads.",
            "outcome": "passed",
            "measured": {"calls": 3},
        },
        "test_it_breaks": {
            "check": "it breaks",
            "claim": "It breaks.",
            "outcome": "failed",
        },
        "test_it_cannot": {
            "check": "it cannot",
            "claim": "It cannot.",
            "outcome": "not applicable",
            "reason": "nobody can",
        },
    }


def test_a_run_of_some_keeps_the_others(folder: Path) -> None:
    """What another run tried stays as long as the check is there."""
    tried(folder)
    case = folder / "tests" / "conformance" / "test_cases.py"
    case.write_text(CASES.replace("test_it_breaks", "test_it_holds"), encoding="utf-8")

    written = tried(folder, "-k", "cannot")

    source = written["sources"]["zendesk"]
    assert {each["check"] for each in source["results"]} == {"it reads", "it cannot"}
    assert written["tried elsewhere"] == {"tryton": "over there"}

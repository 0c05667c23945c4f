"""What judges said reaches build/fidelity.json, also from several workers."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PLUGIN = """
from tests.judges import Judges

def pytest_configure(config):
    config.addinivalue_line("markers", "judge(name): decides")
    config.pluginmanager.register(Judges(config), "judges")
"""
CASES = '''
import pytest

@pytest.mark.judge("zenpy 2")
@pytest.mark.parametrize("page", ["a@b", 2])
@pytest.mark.xdist_group("one")
def test_reads(page, record_property):
    """Read a page.

    More about it.
    """
    record_property("judged", {"responses": 3, "schema": "v2"})

@pytest.mark.judge("zenpy 2")
def test_writes():
    """Write a record."""
    raise OSError

@pytest.mark.judge("another")
def test_needs_more():
    """Ask for what is not there."""
    pytest.skip("not there")

def test_of_ours():
    """Nobody else judges this."""
'''


def judged(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the tests of a folder; return what the judges said."""
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
    told: dict[str, Any] = json.loads((folder / "build/fidelity.json").read_text())
    return told["judges"]


def entry(tried: str, test: str, outcome: str, **more: Any) -> dict[str, Any]:
    """Return an entry of the file."""
    name = f"test_cases.py::{test}"
    return {"tried": tried, "test": name, "outcome": outcome, **more}


@pytest.mark.parametrize("workers", [(), ("-n", "2", "--dist", "loadgroup")])
def test_what_judges_said_is_counted(workers: tuple[str, ...], tmp_path: Path) -> None:
    """Per judge: what was tried, what came of it, and the sums of the figures."""
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "test_cases.py").write_text(CASES)

    said = judged(tmp_path, *workers)

    figures = {"judged": {"responses": 3, "schema": "v2"}}
    assert said == {
        "another": {
            "tried": 1,
            "passed": 0,
            "failed": 0,
            "skipped": 1,
            "figures": {},
            "tests": [
                entry("Ask for what is not there.", "test_needs_more", "skipped")
            ],
        },
        "zenpy 2": {
            "tried": 3,
            "passed": 2,
            "failed": 1,
            "skipped": 0,
            "figures": {"responses": 6},
            "tests": [
                entry("Read a page.", "test_reads[2]", "passed", **figures),
                entry("Read a page.", "test_reads[a@b]", "passed", **figures),
                entry("Write a record.", "test_writes", "failed"),
            ],
        },
    }


def test_a_run_replaces_what_it_tried_and_keeps_the_rest(tmp_path: Path) -> None:
    """The file is filled folder by folder; what left the tests leaves it."""
    (tmp_path / "conftest.py").write_text(PLUGIN)
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "test_gone.py").write_text(CASES)
    judged(tmp_path)
    (tmp_path / "test_gone.py").unlink()
    (tmp_path / "test_cases.py").write_text(CASES.replace("raise OSError", "pass"))

    said = judged(tmp_path, "-k", "writes")

    assert {name: len(each["tests"]) for name, each in said.items()} == {
        "another": 1,
        "zenpy 2": 3,
    }
    assert (said["zenpy 2"]["passed"], said["zenpy 2"]["failed"]) == (3, 0)

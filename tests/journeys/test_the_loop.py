"""The whole product, as its user runs it: commands in a shell, one after another."""

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = Path(sys.executable).with_name("concord")
COMPANY = ["--customers", "40", "--months", "8"]


def concord(
    home: Path, *arguments: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run one command of the product in its own home."""
    return subprocess.run(
        [COMMAND, *arguments],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("CONCORD_")},
            "CONCORD_HOME": str(home),
            "COLUMNS": "200",
            **environ,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=560,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run the demo once, small, and keep its home for what people do next."""
    home = tmp_path_factory.mktemp("home")
    done = concord(home, "demo", *COMPANY)
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout


def test_the_demo_closes_the_loop_and_misses_nothing(demo: tuple[Path, str]) -> None:
    """Every planted mistake is repaired or in front of a person."""
    _, printed = demo
    rows = re.findall(
        r"^\W*(\w[\w ,'-]*?)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W+(\d+)\W*$",
        printed,
        re.MULTILINE,
    )
    kinds = {name: tuple(map(int, counts)) for name, *counts in rows}
    planted, found, repaired, waiting, missed = kinds.pop("all")

    assert "the second plan is empty" in printed
    assert len(kinds) == 9
    assert planted == found == repaired + waiting
    assert repaired > 0
    assert waiting > 0
    assert missed == 0


def test_the_end_names_what_to_type_next(demo: tuple[Path, str]) -> None:
    """A newcomer is not left at a prompt."""
    _, printed = demo

    assert "make dev" in printed
    assert "concord inbox" in printed


@pytest.mark.long
def test_what_people_approve_is_sent_and_confirmed(demo: tuple[Path, str]) -> None:
    """Approve in one command, send in the next: nothing waits, the plan is empty."""
    home, _ = demo
    before = concord(home, "inbox")
    approved = concord(
        home, "approve", "--all", "--by", "dana", "--reason", "checked the contracts"
    )
    sent = concord(home, "run", "send_approved")
    after = concord(home, "status")

    assert "To approve" in before.stdout
    assert approved.returncode == 0, approved.stdout
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert "0 changes in the second plan" in sent.stdout
    assert "waiting" not in after.stdout


def test_a_decision_needs_a_name_and_a_reason(demo: tuple[Path, str]) -> None:
    """An approval that nobody signed is none."""
    home, _ = demo

    refused = concord(home, "approve", "--all", "--by", "", "--reason", "")

    assert refused.returncode != 0
    assert "name and a reason" in refused.stdout


@pytest.mark.long
def test_a_loop_that_does_not_close_says_why_and_fails(tmp_path: Path) -> None:
    """A system that refuses our writes leaves changes unsent: no green ending."""
    demo = subprocess.Popen(
        [COMMAND, "demo", *COMPANY],
        env={**os.environ, "CONCORD_HOME": str(tmp_path), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    url = next(
        found[0]
        for line in demo.stdout
        if (found := re.findall(r"http://127\.0\.0\.1:\d+", line))
    )
    forbidden = {"system": "zendesk", "method": "PUT", "kind": "status", "status": 403}
    fault = {**forbidden, "path_contains": "update_many", "times": 99}
    httpx.post(f"{url}/_sandbox/faults", json=[fault]).raise_for_status()

    printed, _ = demo.communicate(timeout=400)

    assert demo.returncode == 1
    assert "The loop did not converge" in printed
    assert "zendesk" in printed.lower().split("push", 1)[1].splitlines()[0]


def test_a_second_demo_is_told_to_wait(tmp_path: Path) -> None:
    """Whoever has the home keeps it, and nothing in it is touched."""
    home = tmp_path / "demo"
    home.mkdir()
    with (home / "running.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (home / "warehouse.duckdb").write_text("of the first")

        refused = concord(tmp_path, "demo", *COMPANY)

    assert refused.returncode == 1
    assert "is using" in refused.stdout
    assert (home / "warehouse.duckdb").read_text() == "of the first"


def test_an_environment_without_systems_is_told(tmp_path: Path) -> None:
    """Nobody mistakes an empty warehouse for a company in order."""
    refused = concord(tmp_path, "run", "refresh", CONCORD_ENV="test")

    assert refused.returncode == 1
    assert "copy .env.example to .env" in " ".join(refused.stdout.split())


def test_a_wrong_credential_is_one_sentence(tmp_path: Path) -> None:
    """The person reads which system, and what to do; no stack trace."""
    failed = concord(
        tmp_path,
        "run",
        CONCORD_ENV="test",
        STRIPE_URL="http://127.0.0.1:9",
        STRIPE_API_KEY="sk_test_x",
    )

    assert failed.returncode == 1
    assert "stripe" in failed.stdout.lower()
    assert "Traceback" not in failed.stdout + failed.stderr

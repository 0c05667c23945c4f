"""The commands `concord sync …` on a ledger, without any system."""

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from ingestion.errors import Rejected
from operations.store import Store
from orchestration.cli_sync import app
from orchestration.home import NotReadyError
from reverse_etl.ledger import Ledger
from reverse_etl.plan import named_plan
from reverse_etl.read_back import read_back
from tests.reverse_etl.support import (
    Clock,
    Script,
    Vendor,
    accounts,
    admit,
    plan_of,
    pushed,
    update,
)

WAITING, SENT, DEAD = (
    update("a1", approval=True),
    update("a2"),
    update("a3"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home in which one change waits, one arrived and one was rejected."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "here")
    monkeypatch.setenv("COLUMNS", "250")
    folder, clock = tmp_path / "here", Clock()
    with Store(folder / "operations.sqlite") as store:
        ledger = Ledger(store)
        vendor = Vendor(accounts("a1", "a2", "a3"))
        vendor.scripts = [Script(single={"a3": Rejected("crm", "too long")})]
        admit(ledger, WAITING, SENT, DEAD, plan_id=PLAN, author="dan")
        pushed(ledger, vendor, clock)
        read_back(ledger, {"crm": vendor}, clock)
    with duckdb.connect(str(folder / "warehouse.duckdb")):
        pass


PLAN = named_plan(plan_of(WAITING, SENT, DEAD, author="dan")).plan_id


def run(*arguments: str) -> Result:
    """Run a command; what it raises, `main` would have said."""
    result = CliRunner().invoke(app, [*arguments])
    if isinstance(result.exception, NotReadyError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_plans_are_listed_and_shown_as_they_were_made() -> None:
    """By the beginning of the name, for people and for programs."""
    (listed,) = json.loads(run("show", "--json").stdout)
    kept = json.loads(run("show", PLAN[:6], "--json").stdout)

    assert (listed["plan_id"], listed["author"], listed["changes"]) == (PLAN, "dan", 3)
    assert (listed["to_decide"], listed["arrived"]) == (1, 1)
    assert [each["record_id"] for each in kept["changes"]] == ["a1", "a2", "a3"]
    assert "asked for by dan" in run("show", PLAN).stdout
    assert PLAN in run("show").stdout
    with pytest.raises(NotReadyError, match="names 0 plans"):
        run("show", "nowhere")


def test_what_waits_of_a_plan_is_approved_at_once() -> None:
    """Not by who asked for the plan, and only once."""
    said = ("--reason", "seen")
    refused = CliRunner().invoke(app, ["approve", PLAN, "--by", "dan", *said])
    approved = run("approve", PLAN, "--by", "ann", *said)

    assert "somebody else" in str(refused.exception)
    assert "1 approved" in approved.stdout
    with pytest.raises(NotReadyError, match="waits for approval"):
        run("approve", PLAN, "--by", "ann", *said)


def test_dead_letters_have_a_reason_and_an_exit_code() -> None:
    """1: somebody has to act."""
    listed = run("dead-letters", "--json")
    (letter,) = json.loads(listed.stdout)

    assert listed.exit_code == 1
    assert (letter["record_id"], letter["why"]) == ("a3", "too long")
    assert "too long" in run("dead-letters").stdout


def test_a_value_that_we_wrote_can_be_asked_for() -> None:
    """With the plan and what became of it."""
    (written,) = json.loads(run("why", "crm:account:a2", "Name", "--json").stdout)

    assert (written["written"], written["state"]) == ("Acme Inc.", "confirmed")
    assert "Acme Inc." in run("why", "crm:account:a2").stdout
    with pytest.raises(NotReadyError, match="We wrote nothing"):
        run("why", "crm:account:a1")
    with pytest.raises(NotReadyError, match="system:object:id"):
        run("why", "a2")


def test_a_plan_is_undone_by_a_plan() -> None:
    """Exit 2: there are changes; the next time there is nothing left to undo."""
    undone = run("revert", PLAN, "--by", "ann", "--json")
    made = json.loads(undone.stdout)

    assert undone.exit_code == 2
    assert (made["kind"], made["undoes"], made["author"]) == ("revert", PLAN, "ann")
    assert len(made["guarded"]["ready"]) == 1
    with pytest.raises(NotReadyError, match="Who asks"):
        run("revert", PLAN, "--by", " ")


@pytest.mark.parametrize("command", ["apply", "resume", "verify", "plan"])
def test_nothing_is_sent_without_a_system(command: str) -> None:
    """The sentence says what is missing."""
    with pytest.raises(NotReadyError, match="No system"):
        run(command)

"""The commands about the inbox: signed, refused when incomplete, and for programs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from operations.assignments import CannotAssignError, handling
from operations.exceptions import Break, sync
from operations.store import Store
from orchestration.cli import app
from orchestration.explain import explain
from orchestration.home import NotReadyError

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which one break is open."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "here")
    monkeypatch.setenv("USER", "anna")
    path = tmp_path / "here" / "operations.sqlite"
    with Store(path) as store:
        found = Break("B01:1", "B01", "Not posted", "S1", difference_minor=5)
        sync(store, [found], AT)
    return path


def said(*words: str) -> Any:
    """Run a command for programs and return what it printed."""
    return json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)


def test_a_program_reads_what_waits_and_who_has_it() -> None:
    """Amounts are whole minor units; the exit code says that somebody has to act."""
    CliRunner().invoke(app, ["assign", "B01:1", "--to", "bea"])

    (found,) = said("inbox")["breaks"]
    status = CliRunner().invoke(app, ["status", "--json"])

    assert (found["item"], found["assignee"], found["difference_minor"]) == (
        "B01:1",
        "bea",
        5,
    )
    assert json.loads(status.stdout)["open_breaks"] == 1
    assert status.exit_code == 1


def test_what_was_let_stand_is_taken_back(file: Path) -> None:
    """The command does what the page does, and says when there is nothing to undo."""
    runner = CliRunner()
    runner.invoke(app, ["accept", "B01:1", "--reason", "agreed"])

    undone = runner.invoke(app, ["undo", "B01:1", "--reason", "not agreed"])
    again = runner.invoke(app, ["undo", "B01:1", "--reason", "not agreed"])

    assert undone.exit_code == 0
    assert "Nothing was decided of B01:1" in explain(again.exception or KeyError())
    with Store(file) as store:
        rows = store.rows("select state from exceptions")
    assert [row["state"] for row in rows] == ["open"]


def test_what_rests_is_in_the_chain_with_its_reason(file: Path) -> None:
    """The command does what the page does."""
    words = ["snooze", "B01:1", "--until", "2999-01-31", "--reason", "known"]

    CliRunner().invoke(app, words)

    with Store(file) as store:
        assert str(handling(store)["B01:1"].until) == "2999-01-31"
        (row,) = store.rows("select actor from audit where action = 'snooze'")
    assert row["actor"] == "anna"


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (["assign", "gone", "--to", "bea"], CannotAssignError, "no open item gone"),
        (["snooze", "B01:1", "--until", "soon"], NotReadyError, "is no day"),
        (["snooze", "B01:1", "--until", "2999-01-31"], CannotAssignError, "a reason"),
    ],
)
def test_what_is_incomplete_is_one_sentence(
    words: list[str], kind: type[Exception], told: str
) -> None:
    """It names what is missing, and nothing is changed."""
    result = CliRunner().invoke(app, words)

    assert isinstance(result.exception, kind)
    assert told in explain(result.exception)


def test_the_shell_completes_commands() -> None:
    """What was begun is offered whole; the shell's own script asks in this way."""
    asked = {
        "_CONCORD_COMPLETE": "complete_bash",
        "COMP_WORDS": "concord inb",
        "COMP_CWORD": "1",
    }

    result = CliRunner().invoke(app, [], prog_name="concord", env=asked)

    assert result.stdout.split() == ["inbox"]

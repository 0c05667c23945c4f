"""The commands about the inbox: signed, refused when incomplete, and for programs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
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


def test_a_program_reads_what_happened_and_where_values_come_from(file: Path) -> None:
    """Instants are ISO 8601; an item that never was is an error, not an empty list."""
    home = file.parent
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("""
            create schema canonical;
            create table canonical.customers as select 'C-1' as customer_id;
            create table canonical.customer_records as
                select 'C-1' as customer_id, 'stripe:customer:1' as record_key;
            create table canonical.customer_field_values as
                select 'C-1' as customer_id, 'legal_name' as field, 1 as value_rank,
                    'Ridge' as value, timestamptz '2026-10-31 12:00:00+00' as changed;
        """)

    moved = said("history", "B01:1")
    why = said("why", "stripe:customer:1")
    gone = CliRunner().invoke(app, ["history", "gone", "--json"])

    assert [(each["at"], each["actor"]) for each in moved] == [
        ("2026-10-31T12:00:00+00:00", "concord")
    ]
    assert why["customer_id"] == "C-1"
    assert why["values"] == [
        {
            "customer_id": "C-1",
            "field": "legal_name",
            "value_rank": 1,
            "value": "Ridge",
            "changed": "2026-10-31T12:00:00+00:00",
        }
    ]
    assert isinstance(gone.exception, NotReadyError)


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

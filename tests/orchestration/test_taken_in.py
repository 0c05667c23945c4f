"""What reconciliation found becomes exceptions, each with the term of its check."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from operations.exceptions import open_exceptions
from operations.store import Store
from orchestration.cli_inbox import app
from orchestration.defs import reverse_etl
from orchestration.home import Home, NotReadyError
from orchestration.inbox import breaks_table
from orchestration.terminal import console

AT = datetime(2026, 10, 31, 12, tzinfo=UTC)
BREAK = "B01:stripe:invoice:in_1"


def found(home: Home, *explained: str | None, status: str = "failed") -> None:
    """Let one check have found as many breaks as there are reasons."""
    home.folder.mkdir(parents=True, exist_ok=True)
    because = "stripe was never loaded" if status == "not_run" else None
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute("create schema if not exists reconciliation")
        warehouse.execute(
            "create or replace table reconciliation.check_results as select"
            " 'B01' as check_id, 'posted' as title, null as disorder, 'S1' as severity,"
            " 'AR' as owner, 4 as service_level_hours, ? as status,"
            " ? as not_run_because, 40 as compared, ? as breaks, ? as explained,"
            " 0 as difference_usd_minor",
            [status, because, len(explained), sum(map(bool, explained))],
        )
        warehouse.execute(
            "create or replace table reconciliation.breaks (check_id varchar,"
            " break_key varchar, record_key varchar, customer_id varchar,"
            " subject varchar, currency varchar, period date, left_value varchar,"
            " difference_minor bigint, explained_by varchar)"
        )
        for number, reason in enumerate(explained, start=1):
            warehouse.execute(
                "insert into reconciliation.breaks values ('B01', ?, ?, 'c1',"
                " 'An invoice is not posted.', 'USD', ?, '12.00', 1200, ?)",
                [
                    f"B01:stripe:invoice:in_{number}",
                    f"stripe:invoice:in_{number}",
                    date(2026, 10, 1),
                    reason,
                ],
            )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which it is noon, and commands look."""
    monkeypatch.setattr(reverse_etl, "now", lambda: AT)
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setenv("CONCORD_ENV", "here")
    return Home(tmp_path / "here", "here", {})


def state(home: Home) -> str:
    """Return the state of the first break's last exception."""
    with Store(home.operations) as store:
        rows = store.rows(
            "select state from exceptions where fingerprint = ?"
            " order by exception_id desc limit 1",
            [BREAK],
        )
    return str(rows[0]["state"])


def taken_in(home: Home) -> None:
    """Take in what stands in the warehouse."""
    with Store(home.operations) as store:
        reverse_etl.take_in(home, store)


def test_a_break_has_the_term_and_owner_of_its_check(home: Home) -> None:
    """An explained one is nobody's."""
    found(home, None, "known_exception")

    taken_in(home)

    with Store(home.operations) as store:
        (opened,) = open_exceptions(store)
        (kept,) = store.rows("select check_id, status, breaks from check_results")
    assert (opened.broken.owner, opened.broken.severity) == ("AR", "S1")
    assert opened.broken.detail["period"] == "2026-10-01"
    assert opened.due_at == AT + timedelta(hours=4)
    assert tuple(kept) == ("B01", "failed", 2)


@pytest.mark.parametrize(
    ("status", "explained", "after"),
    [
        ("passed", (), "confirmed"),
        ("not_run", (), "open"),
        ("passed", ("timing",), "accepted"),
        ("failed", (None,), "open"),
    ],
)
def test_what_is_gone_is_closed_by_what_the_check_says(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    explained: tuple[str | None, ...],
    after: str,
) -> None:
    """Only by a check that ran: one that did not has nothing to say."""
    found(home, None)
    taken_in(home)
    monkeypatch.setattr(reverse_etl, "now", lambda: AT + timedelta(hours=1))

    found(home, *explained, status=status)
    taken_in(home)

    assert state(home) == after


def test_people_take_accept_and_look_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox names the exception, and its history who did what and why."""
    monkeypatch.setenv("COLUMNS", "250")
    found(home, None)
    taken_in(home)
    with console.capture() as shown:
        console.print(breaks_table(home), width=200)
    assert BREAK in shown.get()

    for words in (["assign", "--to=ann"], ["accept", "--reason=small enough"]):
        done = CliRunner().invoke(app, [*words, BREAK, "--by=ann"])
        assert done.exit_code == 0, done.exception
    told = CliRunner().invoke(app, ["history", BREAK])

    assert state(home) == "accepted"
    for word in ("opened", "acknowledged", "accepted", "ann", "small enough"):
        assert word in told.output
    unknown = CliRunner().invoke(app, ["history", "nothing"])
    assert isinstance(unknown.exception, NotReadyError)

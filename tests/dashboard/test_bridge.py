"""Bridge: what is published of it stands on the page, and a gap keeps a month open."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from dashboard.bridge import HAND_OFFS, Gap, gaps
from operations.audit import verify
from operations.store import Store
from orchestration.cli import app
from orchestration.home import NotReadyError
from tests.dashboard.conftest import Publish
from tests.dashboard.drawn import drawn, tables

OCTOBER = date(2026, 10, 1)
STEPS = (
    *("left", "timing", "fx", "rounding", "tax", "mapping", "policy"),
    *("known_exception", "unexplained", "right"),
)
# Of one credit note that the ERP never posted, and one that it posted twice.
OPEN = (("CN-1", 48_450), ("CN-2", -1_300))


def bridged(file: Path, *unexplained: tuple[str, int]) -> None:
    """Publish the bridge of DE in EUR for October, with these items unexplained."""
    rest = sum(amount for _, amount in unexplained)
    amounts = {"left": 900_000, "timing": 41_000, "policy": -1_000}
    amounts |= {"unexplained": rest, "right": 940_000 + rest}
    items = [
        *(("timing", "contract", "K-1", amounts["timing"]),),
        *(("policy", "invoice", "I-1", amounts["policy"]),),
        *(("unexplained", "credit_note", note, amount) for note, amount in unexplained),
    ]
    with duckdb.connect(str(file)) as connection:
        for place, step in enumerate(STEPS, 1):
            connection.execute(
                "insert into reconciliation.bridge_steps_monthly values"
                " ('revenue_to_ledger', 'DE', 'EUR', ?, ?, ?, ?, ?, 1)",
                [OCTOBER, step, place, amounts.get(step, 0), amounts.get(step, 0)],
            )
        for step, kind, subject, amount in items:
            connection.execute(
                "insert into reconciliation.bridge_items_monthly (hand_off,"
                " legal_entity_code, currency, month, subject_type, subject_id,"
                " customer_id, step, amount_minor) values ('revenue_to_ledger', 'DE',"
                " 'EUR', ?, ?, ?, 'C-2', ?, ?)",
                [OCTOBER, kind, subject, step, amount],
            )


def test_the_page_shows_each_hand_off_as_it_is_published(publish: Publish) -> None:
    """Both sides, the reasons that there are, and the items behind, open ones first."""
    bridged(publish(), OPEN[0])

    shown = drawn("quote_to_cash", hand_off="Recognized revenue → ledger")

    row = tables(shown, "Unexplained").iloc[0]
    assert not shown.exception
    assert row["Recognized revenue"] == 900_000
    assert row["Timing"] == 41_000
    assert row["Unexplained"] == 48_450
    assert row["Ledger"] == 988_450
    items = tables(shown, "Known by")
    assert list(items["Reason"]) == ["unexplained", "timing", "policy"]
    assert list(items["Amount"]) == [48_450, 41_000, -1_000]


def test_a_month_is_not_closed_while_something_is_unexplained(
    publish: Publish,
) -> None:
    """It names hand-off, entity, currency, amount and what to do; nothing is closed."""
    file = publish()
    bridged(file, *OPEN)
    store = file.parents[1] / "operations.sqlite"
    Store(store).close()

    result = CliRunner().invoke(app, ["close", "2026-10", "--by", "anna"])

    assert result.exit_code == 1
    told = " ".join(result.stdout.split())
    assert "Recognized revenue → ledger, DE in EUR: 471.50 in 2 items" in told
    assert "most of it at credit_note CN-1" in told
    assert HAND_OFFS["revenue_to_ledger"].remedy in told
    with Store(store) as operations:
        assert operations.rows("select * from audit") == []


def test_what_cancels_out_is_open_all_the_same(publish: Publish) -> None:
    """Two errors of one amount are two errors, and their sum of nothing is none."""
    file = publish()
    bridged(file, ("CN-1", 500), ("CN-2", -500))

    with duckdb.connect(str(file), read_only=True) as connection:
        found = gaps(connection, OCTOBER)

    assert found == (Gap("revenue_to_ledger", "DE", "EUR", 0, 2, "credit_note CN-2"),)


def test_whoever_closes_a_month_stands_in_the_audit_chain(publish: Publish) -> None:
    """With nothing unexplained it is closed on this snapshot, by a person."""
    file = publish()
    bridged(file)
    store = file.parents[1] / "operations.sqlite"
    Store(store).close()

    result = CliRunner().invoke(app, ["close", "2026-10", "--by", "anna", "--json"])

    assert (result.exit_code, json.loads(result.stdout)) == (
        0,
        {"month": "2026-10", "snapshot": "revenue_1", "closed": True, "open": []},
    )
    with Store(store) as operations:
        verify(operations)
        (row,) = operations.rows("select * from audit")
    assert (row["actor"], row["action"]) == ("anna", "close")
    assert row["subject"] == "month 2026-10"
    assert json.loads(row["detail"]) == {"snapshot": "revenue_1"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["2026-10", "--by", " "], "add --by NAME"),
        (["2026-09", "--by", "anna"], "no numbers of 2026-09"),
    ],
)
def test_a_month_is_closed_by_somebody_and_on_numbers(
    publish: Publish, words: list[str], told: str
) -> None:
    """Nobody closes nothing, and a month that the bridge does not have stays open."""
    bridged(publish())

    result = CliRunner().invoke(app, ["close", *words])

    assert isinstance(result.exception, NotReadyError)
    assert told in str(result.exception)


def test_the_close_page_names_what_is_unexplained(publish: Publish) -> None:
    """The checklist is open at the bridge, and a table says where and what to do."""
    bridged(publish(), *OPEN)

    shown = drawn("close", month="2026-10")

    steps = tables(shown, "Step").set_index("Step")
    row = tables(shown, "What to do").iloc[0]
    assert steps.loc["The bridge explains every difference", "State"] == "△ open"
    assert (row["Entity"], row["Currency"]) == ("DE", "EUR")
    assert (row["Unexplained"], row["Items"]) == (47_150, 2)

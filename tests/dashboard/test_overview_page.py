"""The overview page: what it shows are the published rows, in words people read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.formats import compact, exact, percent

APP = str(Path(__file__).parents[2] / "dashboard" / "app.py")


def shown() -> AppTest:
    """Draw the page once."""
    return AppTest.from_file(APP, default_timeout=60).run()


def table_with(column: str) -> Any:
    """Draw the page and return the one table that has this column."""
    (table,) = (one.value for one in shown().table if column in one.value.columns)
    return table


def words(page: AppTest) -> str:
    """Every piece of running text on the page, badges included."""
    return "\n".join(str(piece.value) for piece in page.markdown)


def published(file: Path, query: str) -> Any:
    """One published row, read without the dashboard's help."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchone()


def test_the_cards_show_the_last_published_month(publish: Callable[..., Path]) -> None:
    """Six numbers, each equal to its row in the marts."""
    file = publish()

    page = shown()

    opening, closing = published(
        file,
        "select opening_usd_minor, closing_usd_minor from marts.arr_monthly"
        " where month = '2026-10-01'",
    )
    net, gross = published(
        file,
        "select nrr_basis_points, grr_basis_points from marts.retention_monthly"
        " where month = '2026-10-01'",
    )
    revenue, cash = published(
        file,
        "select sum(revenue_usd_minor), sum(cash_usd_minor)"
        " from marts.quote_to_cash_monthly where month = '2026-10-01'",
    )
    assert not page.exception
    assert {card.label: card.value for card in page.metric} == {
        "ARR, USD": compact(closing),
        "Net new ARR, USD": compact(closing - opening),
        "NRR, 12 months": percent(net),
        "GRR, 12 months": percent(gross),
        "Revenue, USD": compact(revenue),
        "Cash collected, USD": compact(cash),
    }


def test_each_card_names_the_value_it_is_compared_with(
    publish: Callable[..., Path],
) -> None:
    """The arrow compares with the first month of the sparkline, a year before."""
    file = publish()

    page = shown()

    (before,) = published(
        file, "select closing_usd_minor from marts.arr_monthly where month='2025-10-01'"
    )
    assert page.metric[0].delta == f"vs {compact(before)}"


def test_the_trust_bar_stands_above_the_numbers(publish: Callable[..., Path]) -> None:
    """As-of, close, checks, breaks, money at risk and sources, as published."""
    publish()

    text = words(shown())

    assert "As of 31 Oct 2026 · close: open" in text
    assert "5/9 checks tie out" in text
    assert "5 open breaks" in text
    assert "USD 19.9k at risk" in text
    assert "4/4 sources fresh" in text


def test_a_system_that_was_not_loaded_is_named(publish: Callable[..., Path]) -> None:
    """A number that rests on old data says so."""
    publish(loaded_at=datetime.now(UTC) - timedelta(days=2))

    text = words(shown())

    assert "0/4 sources fresh · netsuite, salesforce, stripe, zendesk late" in text


def test_the_movements_are_those_of_the_last_month(
    publish: Callable[..., Path],
) -> None:
    """Each customer's movements of the month, largest first; who rests is left out."""
    publish()

    table = table_with("Movement")

    changes = [-4_480_000, 2_362_800, 1_264_550, 880_000, -612_300, -500_000]
    assert list(table["Change"]) == changes
    assert [kind.split()[-1] for kind in table["Movement"]] == [
        "Churn",
        "New",
        "Expansion",
        "Reactivation",
        "Contraction",
        "Pause",
    ]


def test_a_hostile_name_is_shown_as_text(publish: Callable[..., Path]) -> None:
    """A vendor's text can neither fetch an image nor format the page."""
    publish()

    table = table_with("Movement")

    assert table["Customer"][1].startswith(r"\!\[pixel\]\(http\:")


def test_every_check_is_listed_with_its_state(publish: Callable[..., Path]) -> None:
    """Open ones first; what is explained is told apart from what ties out."""
    publish()

    table = table_with("State")

    states = [state.split(":")[-1].lstrip("] ") for state in table["State"]]
    assert states == ["2 open", *["1 open"] * 3, "Explained", *["Ties out"] * 4]
    assert table["Check"][0] == "B03 Every billed invoice is in the ERP"
    assert list(table["Explained"]) == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_open_breaks_show_their_repair_and_where_it_waits(
    publish: Callable[..., Path],
) -> None:
    """Planned, waiting for approval or waiting for a person, per check."""
    publish()

    table = table_with("Proposed repair")

    assert table.values.tolist() == [
        ["B03 Every billed invoice is in the ERP", "netsuite invoice", 0, 2, 0],
        ["M02 One customer is one CRM account", "A person decides", 0, 0, 1],
        ["M04 Names agree with the ERP", r"salesforce Account\.Name", 1, 0, 0],
        [
            "S05 Discounts end when agreed",
            r"stripe subscription\.discounts",
            0,
            1,
            0,
        ],
    ]


def test_each_open_break_can_be_read_one_by_one(publish: Callable[..., Path]) -> None:
    """The amount stands with its currency, to the minor unit."""
    publish()

    table = table_with("One side")

    assert list(table["Difference"]) == [
        f"USD {exact(1_200_050)}",
        f"JPY {exact(480_000, 'JPY')}",
        *["\N{EM DASH}"] * 2,
        f"EUR {exact(310_000)}",
    ]


def test_a_flood_of_breaks_does_not_drown_the_page(
    publish: Callable[..., Path],
) -> None:
    """The page lists two hundred and says how many there are."""
    file = publish()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into reconciliation.breaks select breaks.* replace"
            " (break_key || number as break_key)"
            " from reconciliation.breaks, range(100) as numbers (number)"
            " where explained_by is null"
        )

    page = shown()

    assert "505 open breaks" in words(page)
    assert "The first 200 of 505." in [note.value for note in page.caption]


def test_both_sides_of_a_break_are_shown(publish: Callable[..., Path]) -> None:
    """Each break carries its evidence: who holds which value."""
    publish()

    table = table_with("One side")

    assert table["One side"][0] == r"salesforce\: left"
    assert table["Other side"][0] == r"netsuite\: right"


def test_the_ledger_is_counted_by_where_a_change_stands(
    publish: Callable[..., Path],
) -> None:
    """Done, planned or waiting; a change that a newer plan replaced is not counted."""
    publish()

    table = table_with("Object")

    assert table.values.tolist() == [
        ["netsuite", "invoice", 0, 7, 0, 0],
        ["salesforce", "account", 2, 0, 1, 14],
        ["stripe", "subscription", 0, 4, 0, 0],
        ["zendesk", "organization", 0, 0, 0, 6],
    ]


def test_a_company_without_breaks_says_so(publish: Callable[..., Path]) -> None:
    """Nothing open is said in words, not by an empty table."""
    publish(with_breaks=False)

    page = shown()

    assert "9/9 checks tie out" in words(page)
    assert [note.value for note in page.success] == ["Every difference is explained."]


def test_a_new_publication_is_picked_up(publish: Callable[..., Path]) -> None:
    """A page that stays open shows the next publication on its next look."""
    publish(1)
    page = shown()
    before = page.metric[0].value

    file = publish(2, first_arr=2_000_000_000)
    page.run()

    (closing,) = published(file, "select max(closing_usd_minor) from marts.arr_monthly")
    assert page.metric[0].value == compact(closing)
    assert page.metric[0].value != before


def test_without_a_publication_the_page_names_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence instead of a stack trace, and what to type."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))

    page = shown()

    assert not page.exception
    (error,) = page.error
    assert "Nothing is published in" in error.value
    assert "run `make demo`" in error.value


def test_marts_without_rows_are_shown_as_nothing_yet(
    publish: Callable[..., Path],
) -> None:
    """Before the first contract the page stands, with a dash for each number."""
    file = publish(with_breaks=False)
    with duckdb.connect(str(file)) as connection:
        for table in ("arr_monthly", "retention_monthly", "quote_to_cash_monthly"):
            connection.execute(f"delete from marts.{table}")
        connection.execute("delete from operations.changes")

    page = shown()

    assert not page.exception
    assert {card.value for card in page.metric} == {"\N{EM DASH}"}

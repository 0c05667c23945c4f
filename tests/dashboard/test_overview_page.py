"""The overview page: what it shows are the published rows, in words people read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dashboard.formats import compact, exact, percent
from tests.dashboard.drawn import app, drawn, published, words

CARDS = {
    "ARR, USD": ("arr", compact),
    "Net new ARR, USD": ("net_new_arr", compact),
    "NRR": ("nrr", percent),
    "GRR": ("grr", percent),
    "Recognized revenue, USD": ("recognized_revenue", compact),
    "Cash collected, USD": ("cash_collected", compact),
}


def test_the_cards_show_the_last_published_month(publish: Callable[..., Path]) -> None:
    """Six numbers, each equal to its row of metric_values."""
    file = publish()

    page = drawn("overview")

    rows = dict(
        published(
            file,
            "select metric, value from marts.metric_values"
            " where month = '2026-10-01' and level = 'company'",
        )
    )
    assert not page.exception
    assert {card.label: card.value for card in page.metric} == {
        label: write(rows[metric]) for label, (metric, write) in CARDS.items()
    }


@pytest.mark.parametrize("scope", ["currency EUR", "segment SMB Retail"])
def test_the_address_chooses_month_and_scope(
    publish: Callable[..., Path], scope: str
) -> None:
    """Whoever opens a link sees what was seen by who sent it."""
    file = publish()

    page = drawn("overview", month="2026-03", scope=scope)

    ((arr,),) = published(
        file,
        "select value from marts.metric_values where metric = 'arr'"
        f" and month = '2026-03-01' and level_value = '{scope.partition(' ')[2]}'",
    )
    assert page.metric[0].value == compact(arr)


def test_a_number_that_is_not_kept_for_a_choice_is_a_dash(
    publish: Callable[..., Path],
) -> None:
    """No other level's number stands in for it."""
    publish()

    page = drawn("overview", scope="entity DE")

    assert {card.label: card.value for card in page.metric if "ARR" not in card.label}
    assert all(
        (card.value == "\N{EM DASH}") == ("ARR" not in card.label)
        for card in page.metric
    )


def test_each_card_names_the_value_it_is_compared_with(
    publish: Callable[..., Path],
) -> None:
    """The arrow compares with the first month of the sparkline, a year before."""
    file = publish()

    page = drawn("overview")

    ((before,),) = published(
        file,
        "select value from marts.metric_values where metric = 'arr'"
        " and month = '2025-10-01' and level = 'company'",
    )
    assert (
        page.metric[0].delta
        == f"vs {compact(before)}, Oct \N{RIGHT SINGLE QUOTATION MARK}25"
    )


def test_the_trust_bar_stands_above_the_numbers(publish: Callable[..., Path]) -> None:
    """As-of, close, checks, breaks, money, sources and snapshot, as published."""
    publish()

    text = words(drawn("overview"))

    assert "As of 31 Oct 2026" in text
    assert (
        "Oct 2026 close: closing" in text
    )  # one entity's books are closed, one's open
    assert "5/9 checks tie out" in text
    assert "5 open breaks" in text
    assert "USD 19.9k at risk" in text
    assert "4/4 sources fresh" in text
    assert "Snapshot revenue_1" in text


def test_a_system_that_was_not_loaded_is_named(publish: Callable[..., Path]) -> None:
    """A number that rests on old data says so."""
    publish(loaded_at=datetime.now(UTC) - timedelta(days=2))

    text = words(drawn("overview"))

    assert "0/4 sources fresh · netsuite, salesforce, stripe, zendesk late" in text


def test_the_movements_are_those_of_the_month(publish: Callable[..., Path]) -> None:
    """Each customer that moved, largest first; who rests is left out."""
    publish()

    (table,) = (one.value for one in drawn("overview").table)

    closings = [0, 2_362_800, 6_264_550, 880_000, 2_487_700]
    assert list(table["Closing"]) == closings
    assert table["Customer"][3] == "[Northwind Robotics Ltd](customer?id=C-5)"


def test_a_hostile_name_is_shown_as_text(publish: Callable[..., Path]) -> None:
    """A vendor's text can neither fetch an image nor format the page."""
    publish()

    (table,) = (one.value for one in drawn("overview").table)

    assert table["Customer"][1].startswith(r"[\!\[pixel\]\(http\:")


def test_a_new_publication_is_picked_up(publish: Callable[..., Path]) -> None:
    """A page that stays open shows the next publication on its next look."""
    publish(1)
    page = drawn("overview")
    before = page.metric[0].value

    file = publish(2, first_arr=2_000_000_000)
    page.run()

    ((closing,),) = published(
        file,
        "select value from marts.metric_values where metric = 'arr'"
        " and month = '2026-10-01' and level = 'company'",
    )
    assert page.metric[0].value == compact(closing)
    assert page.metric[0].value != before


def test_without_a_publication_the_app_names_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence instead of a stack trace, and what to type."""
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))

    page = app()

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
        connection.execute("delete from marts.metric_values")
        connection.execute("delete from marts.arr_rollups_monthly")

    page = drawn("overview")

    assert not page.exception
    assert {card.value for card in page.metric} == {"\N{EM DASH}"}


def test_amounts_are_written_to_the_cent(publish: Callable[..., Path]) -> None:
    """What stands in a cell is the row's value and nothing less."""
    publish()

    (table,) = drawn("overview").table

    assert exact(2_487_700) in table.proto.arrow_data.styler.display_values.decode(
        errors="ignore"
    )

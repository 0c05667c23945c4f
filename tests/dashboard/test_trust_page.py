"""The trust page: every check, every open break, every repair, as published."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from dashboard.formats import exact
from tests.dashboard.drawn import drawn, tables, words


def table_with(column: str) -> Any:
    """Draw the page and return the one table that has this column."""
    return tables(drawn("trust"), column)


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
        connection.execute(
            "update reconciliation.check_results set breaks = breaks * 101"
            " where breaks > explained"
        )

    page = drawn("trust")

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


def test_a_check_that_did_not_run_is_red_and_says_why(
    publish: Callable[..., Path],
) -> None:
    """It found no break, and is not counted among those that tie out."""
    file = publish(with_breaks=False)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "update reconciliation.check_results set compared = 0,"
            " not_run_because = 'nothing to compare: payouts is empty'"
            " where check_id = 'U02'"
        )

    assert "8/9 checks tie out, 1 did not run" in words(drawn("trust"))
    table = table_with("At risk, USD")
    assert table["State"][0] == ":red[:material/block:] Did not run"
    assert "payouts is empty" in table["Check"][0]


def test_a_company_without_breaks_says_so(publish: Callable[..., Path]) -> None:
    """Nothing open is said in words, not by an empty table."""
    publish(with_breaks=False)

    page = drawn("trust")

    assert "9/9 checks tie out" in words(page)
    assert [note.value for note in page.success] == ["Every difference is explained."]


def test_operational_figures_say_what_is_open_and_why_one_is_missing(
    publish: Callable[..., Path],
) -> None:
    """A median stands beside the open cases; what cannot be told says why."""
    file = publish()
    with duckdb.connect(str(file)) as connection:
        for name, kind, because in (
            ("approval_lead_time", "duration", None),
            ("hold_rate", "share", None),
            ("close_cycle", "duration", None),
            ("hours", "unavailable", "nobody records it"),
        ):
            connection.execute(
                "insert into marts.operational_metrics values (?, 1, '1970-01-01',"
                " '9999-12-31', ?, ?, null, 200, 'What it says', ?)",
                [name, name, kind, because],
            )
        connection.execute(
            "insert into marts.operational_durations_monthly values"
            " ('approval_lead_time', 1, '2020-01-01', 'company', 'all',"
            " 5, 3, 2, 1, 3720, null)"
        )
        connection.execute(
            "insert into marts.operational_shares_monthly values"
            " ('hold_rate', 1, '2020-02-01', 'company', 'all', 8, 1, 8, 1250)"
        )

    table = table_with("Half within")

    none = "\N{EM DASH}"
    waited = [r"approval\_lead\_time", "Jan 2020", 5, 2, 1, "1 h 2 min"]
    assert table.iloc[:, :10].astype(object).fillna(none).values.tolist() == [
        [*waited, none, none, 200, none],
        [r"close\_cycle", *[none] * 7, 200, "nothing happened yet"],
        [r"hold\_rate", "Feb 2020", 8, none, none, none, none, 1250, 200, none],
        ["hours", *[none] * 7, 200, "nobody records it"],
    ]

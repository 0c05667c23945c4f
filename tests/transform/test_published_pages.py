"""Published pages: on a company that was built, pages show its rows and no others.

The judge reads the warehouse, not the copy, and asks for the numbers in its own way.
"""

from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from dashboard.metrics import glance
from dashboard.pages import SECTIONS
from dashboard.pages.trace import BY_CUSTOMER
from orchestration.home import Home
from orchestration.publication import publish, totals
from tests.dashboard.drawn import drawn, tables
from tests.transform.conftest import Built

MONTH = "2026-10"
PAGES = [
    module.__name__.rpartition(".")[2]
    for modules in SECTIONS.values()
    for module in modules
]


@pytest.fixture(scope="module")
def home(rich: Built, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the rich company was published."""
    folder = tmp_path_factory.mktemp("homes") / "demo"
    folder.mkdir()
    found = Home(folder, "demo", {"CONCORD_AS_OF": "2026-10-31"})
    copyfile(rich.warehouse, found.warehouse)
    publish(found, "run-1", datetime(2026, 11, 1, tzinfo=UTC))
    return found


@pytest.fixture(autouse=True)
def looked_at(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the pages look at that home."""
    monkeypatch.setenv("CONCORD_HOME", str(home.folder.parent))
    monkeypatch.setenv("CONCORD_ENV", home.name)
    return home.folder


def numbers(rich: Built) -> set[int]:
    """Return every whole number in a column of the marts and what they rest on."""
    columns = rich.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('marts', 'reconciliation', 'canonical')"
        " and data_type in ('BIGINT', 'INTEGER')"
    )
    # One query: each opens the warehouse, which takes longer than all of its columns.
    every = " union ".join(
        f'select "{column}" from {schema}.{table}' for schema, table, column in columns
    )
    return {number for (number,) in rich.rows(every) if number is not None}


@pytest.fixture(scope="module")
def known(rich: Built) -> set[int]:
    """Every number of the warehouse."""
    return numbers(rich)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "trust"])
def test_every_number_of_a_page_is_a_row_of_the_warehouse(
    rich: Built, known: set[int], page: str
) -> None:
    """Cards are rows of metric_values, cells are columns of marts: none is computed."""
    ((customer,),) = rich.rows(
        "select customer_id from canonical.invoices group by customer_id"
        " order by count(*) desc, customer_id limit 1"
    )
    values = rich.rows(
        "select value, unit from marts.metric_values"
        f" where month = '{MONTH}-01' and level = 'company'"
    )
    cards = {glance(value, unit) for value, unit in values} | {"\N{EM DASH}"}

    shown = drawn(page, id=customer, month=MONTH)

    assert not shown.exception
    assert page == "trace" or {card.value for card in shown.metric} <= cards
    for table in shown.table:
        for column in table.value.select_dtypes("number"):
            assert set(table.value[column].dropna()) <= known, (page, column)


def test_what_dagster_draws_over_runs_is_what_people_see(
    rich: Built, home: Home
) -> None:
    """The amounts at the published copy are the company's cards of the last month."""
    (copy,) = home.published.glob("revenue_*.duckdb")
    ((opening, moved),) = rich.rows(
        "select sum(opening_usd_minor), sum(closing_usd_minor - opening_usd_minor)"
        f" from marts.arr_movements where month = '{MONTH}-01'"
    )
    ((billings, cash),) = rich.rows(
        "select sum(billings_usd_minor), sum(cash_usd_minor)"
        f" from marts.quote_to_cash_monthly where month = '{MONTH}-01'"
    )

    said = totals(copy)

    assert len(said) == 7
    assert said["arr_usd_minor"] == opening + moved
    assert said["billings_usd_minor"] == billings
    assert said["cash_collected_usd_minor"] == cash


@pytest.mark.parametrize("page", ["overview", "arr", "retention"])
def test_a_segments_page_shows_its_rows_alone(
    rich: Built, known: set[int], page: str
) -> None:
    """Cards are the segment's rows, and every customer in a table is of the segment."""
    ((segment,),) = rich.rows(
        "select segment from canonical.customers where segment is not null"
        " group by segment order by count(*) desc, segment limit 1"
    )
    values = rich.rows(
        "select value, unit from marts.metric_values where level = 'segment'"
        f" and month = '{MONTH}-01' and level_value = '{segment}'"
    )
    cards = {glance(value, unit) for value, unit in values} | {"\N{EM DASH}"}
    members = {
        customer
        for (customer,) in rich.rows(
            f"select customer_id from canonical.customers where segment = '{segment}'"
        )
    }

    shown = drawn(page, month=MONTH, scope=f"segment {segment}")

    assert not shown.exception
    assert {card.value for card in shown.metric} <= cards
    assert sum(card.value != "\N{EM DASH}" for card in shown.metric) >= 2
    for table in shown.table:
        for column in table.value.select_dtypes("number"):
            assert set(table.value[column].dropna()) <= known, (page, column)
        for link in table.value.get("Customer", ()):
            assert link.rpartition("id=")[2].rstrip(")") in members


@pytest.mark.parametrize(
    "page", ["overview", "arr", "retention", "quote_to_cash", "revenue", "pipeline"]
)
def test_every_page_of_numbers_has_numbers(page: str) -> None:
    """A page cannot pass by showing nothing."""
    shown = drawn(page, month=MONTH)

    assert sum(card.value != "\N{EM DASH}" for card in shown.metric) >= 4
    assert sum(len(table.value) for table in shown.table) > 0


@pytest.mark.parametrize(("metric", "column"), sorted(BY_CUSTOMER.items()))
def test_what_a_number_is_made_of_adds_up_to_it(
    rich: Built, metric: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows under a traced number sum to it to the cent, if none is cut off."""
    monkeypatch.setattr("dashboard.parts.ROWS_SHOWN", 100_000)
    ((value,),) = rich.rows(
        f"select coalesce(sum({column}_usd_minor), 0) from marts.arr_movements"
        f" where month = '{MONTH}-01'"
    )

    shown = drawn("trace", metric=metric, month=MONTH)

    published: list[Any] = [
        row["Value"] for _, row in tables(shown, "Level").head(1).iterrows()
    ]
    made_of = [table.value for table in shown.table if "USD" in table.value.columns]
    assert sum(int(table["USD"].sum()) for table in made_of) == value
    assert published == [shown.metric[0].value]

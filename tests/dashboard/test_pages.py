"""Pages: each draws what is published, leads to records, says what is missing."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dashboard.metrics import glance, written
from dashboard.pages import SECTIONS
from tests.dashboard.drawn import APP, app, drawn, published, tables, words

PAGES = [
    module.__name__.rpartition(".")[2]
    for modules in SECTIONS.values()
    for module in modules
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_rows_stands_and_says_so(
    publish: Callable[..., Path], page: str
) -> None:
    """Before the first contract nothing is drawn as if it were there."""
    file = publish(with_breaks=False)
    with duckdb.connect(str(file)) as connection:
        for schema in ("marts", "canonical", "published"):
            for (table,) in connection.execute(
                "select table_name from information_schema.tables"
                " where table_schema = ?",
                [schema],
            ).fetchall():
                connection.execute(f"delete from {schema}.{table}")

    shown = drawn(page, id="C-1")

    assert not shown.exception
    assert not shown.error
    assert {card.value for card in shown.metric} <= {"\N{EM DASH}"}
    assert [*shown.caption, *shown.info, *shown.warning]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_how_far_it_can_be_trusted(
    publish: Callable[..., Path], page: str
) -> None:
    """As-of, checks and snapshot stand on every page, and every table has a name."""
    publish()

    shown = drawn(page, id="C-2")

    text = words(shown)
    assert not shown.exception
    assert "As of 31 Oct 2026" in text
    assert "5/9 checks tie out" in text
    assert "Snapshot revenue_1" in text
    assert all(table.proto.alt for table in shown.table)


@pytest.mark.parametrize("page", ["overview", "arr", "quote_to_cash", "retention"])
def test_every_card_is_a_row_of_metric_values(
    publish: Callable[..., Path], page: str
) -> None:
    """No page has a number of its own."""
    file = publish()
    rows = published(
        file,
        "select label, value, metric_values.unit"
        " from marts.metric_values join published.metrics using (metric)"
        " where month = '2026-08-01' and level = 'company'",
    )
    expected = {label: glance(value, unit) for label, value, unit in rows}

    shown = drawn(page, month="2026-08")

    for card in shown.metric:
        label = card.label.removesuffix(", USD")
        assert card.value == expected.get(label, "\N{EM DASH}")


@pytest.mark.parametrize(
    ("page", "offered"),
    [
        ("arr", {"company", "currency", "entity", "segment"}),
        ("retention", {"company", "segment"}),
        ("revenue", {"company", "currency", "entity"}),
    ],
)
def test_a_page_offers_what_its_numbers_are_kept_for(
    publish: Callable[..., Path], page: str, offered: set[str]
) -> None:
    """A link with a choice that this page lacks shows the company, and says so."""
    publish()

    shown = drawn(page, scope="segment SMB Retail")

    (choice,) = (box for box in shown.selectbox if box.label.startswith("Company"))
    assert not shown.exception
    assert {name.partition(" ")[0] for name in choice.options} == offered
    expected = "segment SMB Retail" if "segment" in offered else "company"
    assert choice.value == expected


def test_a_company_without_segments_is_not_asked_for_one(
    publish: Callable[..., Path],
) -> None:
    """Unassigned alone is the company under another name."""
    file = publish()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "delete from marts.metric_values where level_value = 'SMB Retail'"
        )

    shown = drawn("retention")

    (choice,) = (box for box in shown.selectbox if box.label.startswith("Company"))
    assert choice.options == ["company"]


def test_a_traced_number_is_shown_whole_and_by_level(
    publish: Callable[..., Path],
) -> None:
    """The number, and the same number by currency and entity, are published rows."""
    file = publish()
    rows = published(
        file,
        "select level_value, value from marts.metric_values"
        " where metric = 'arr' and month = '2026-10-01' order by level, level_value",
    )

    shown = drawn("trace", metric="arr")

    levels = tables(shown, "Level")
    assert shown.metric[0].value == written(dict(rows)["all"], "usd_minor")
    assert list(levels["Value"]) == [written(value, "usd_minor") for _, value in rows]


def test_a_customer_leads_to_its_records(publish: Callable[..., Path]) -> None:
    """Each record of the customer is a link to where a person opens it."""
    file = publish()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into published.links values"
            " ('salesforce', 'account', 'https://crm.example/{id}')"
        )
        for system, kind in (("salesforce", "account"), ("hubspot", "company")):
            connection.execute(
                "insert into canonical.customer_records (record_key, system, object,"
                " record_id, customer_id, evidence, is_in_review, is_primary)"
                " values (?, ?, ?, 'r 1', 'C-2', 'reference', false, true)",
                [f"{system}:{kind}:r 1", system, kind],
            )

    shown = drawn("customer", id="C-2")

    records = tables(shown, "Record of")
    assert list(records["Id"]) == ["r 1", "[r 1](https://crm.example/r%201)"]


def test_an_unknown_customer_is_told_what_to_do(publish: Callable[..., Path]) -> None:
    """An old link may name a customer that was merged away."""
    publish()

    shown = drawn("customer", id="C-404")

    (warning,) = shown.warning
    assert "Find it by its name." in warning.value


@pytest.fixture
def broken(publish: Callable[..., Path]) -> Path:
    """A publication whose file is no database."""
    file = publish()
    file.write_bytes(b"not a database" * 1000)
    return file


@pytest.mark.parametrize("page", ["trust", "inbox"])
def test_a_broken_snapshot_is_told_in_one_sentence(broken: Path, page: str) -> None:
    """No page shows a stack trace: it says what happened and what to type."""
    shown = drawn(page)

    (error,) = shown.error
    assert not shown.exception
    assert f"The publication {broken.stem}" in error.value.replace("\\", "")
    assert "run `make demo`" in error.value


def test_the_app_begins_with_the_overview(publish: Callable[..., Path]) -> None:
    """Who opens it sees the numbers first, each with a way to trace it."""
    publish()

    shown = app()

    assert not shown.exception
    assert [title.value for title in shown.title] == ["Revenue overview"]
    assert "Trace ARR" in [link.label for link in shown.page_link]


def test_a_link_to_a_page_works_for_the_first_visitor() -> None:
    """A folder `pages` beside the app would be taken for pages of Streamlit's own."""
    assert APP.is_file()
    assert not (APP.parent / "pages").exists()

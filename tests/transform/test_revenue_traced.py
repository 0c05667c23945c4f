"""Any amount of any month is explained down to its invoices and the rule."""

from collections.abc import Mapping
from datetime import date
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from orchestration.home import Home, NotReadyError
from orchestration.tracing import Trace, trace, trace_tables, trace_title
from tests.transform.revenue_orders import (
    JANUARY,
    NEXT_JANUARY,
    Bill,
    Facts,
    Line,
    booked,
)

JULY = date(2025, 7, 1)
FACTS = Facts(
    [
        Line("a", 0, 120_000, quantity=10),
        Line("b", 1, 30_250, JULY, quantity=15, action="upsize", follows="a"),
    ],
    [Bill("I", JANUARY, 120_000, JANUARY, NEXT_JANUARY)],
    [(1, JULY, "prospective", JULY)],
)


def home(folder: Path) -> Home:
    """Return a home in a folder."""
    return Home(folder, "traced", {})


def printed(found: Trace) -> str:
    """Return what a person sees, as words."""
    console = Console(width=250, record=True, file=StringIO())
    for shown in (trace_title(found), *trace_tables(found)):
        console.print(shown)
    return " ".join(console.export_text().split())


@pytest.fixture(scope="module")
def folder(
    revenue_models: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a home's folder with the books of one contract."""
    made = tmp_path_factory.mktemp("traced")
    with booked(revenue_models, FACTS, str(home(made).warehouse)):
        return made


def test_the_lines_of_a_month_are_those_of_the_journal(folder: Path) -> None:
    """Nothing is left out: by account the lines come to what each month moved."""
    with duckdb.connect(str(home(folder).warehouse), read_only=True) as warehouse:
        flows = warehouse.execute(
            "select month, account_role, sum(amount_minor) from"
            " revenue.revenue_journal group by all"
        ).fetchall()

    assert {role for _, role, _ in flows} >= {"accounts_receivable", "revenue"}
    for month, role, amount in flows:
        found = trace(home(folder), "1001", month, role)
        assert {line["account_role"] for line in found.lines} == {role}
        assert sum(line["amount_minor"] for line in found.lines) == amount


def test_people_see_version_decision_invoice_and_rule(folder: Path) -> None:
    """A month after the amendment tells of it, of who decided, and of the bill."""
    text = printed(trace(home(folder), "1001", date(2025, 9, 1), None))

    assert "1001 of Acme Inc., 2025-09, USD" in text
    assert "2 of 2025-07-01: prospective" in text
    assert "finance: As usual" in text
    assert "a No. I 2025-01-01 2025-01-01 to before 2026-01-01 1200.00" in text
    assert "method of the obligation on its allocated price (Methods)" in text


def test_a_held_contract_says_why_nothing_is_posted(
    tmp_path: Path, revenue_models: Mapping[str, str]
) -> None:
    """The title names the reasons in place of a month."""
    undecided = Facts(FACTS.lines, FACTS.bills, [(1, JULY, None, JULY)])
    with booked(revenue_models, undecided, str(home(tmp_path).warehouse)):
        pass

    found = trace(home(tmp_path), "C", JULY, None)

    assert trace_title(found).endswith("nothing is posted: treatment_missing")
    assert not found.lines


def test_nobodys_contract_is_named_as_such(folder: Path, tmp_path: Path) -> None:
    """A wrong number, or a home without a warehouse, is one sentence."""
    with pytest.raises(NotReadyError, match="No contract has the id or number 7"):
        trace(home(folder), "7", JULY, None)
    with pytest.raises(NotReadyError, match="has no warehouse yet"):
        trace(home(tmp_path), "C", JULY, None)

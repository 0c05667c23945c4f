"""Closed periods: what was recorded stays, what comes later corrects it elsewhere.

The two models of the close run over invented journals, build after build.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

NOTHING = re.compile(
    r"from\s*\(\s*select[^()]*\([^()]*\)[^()]*\([^()]*\)[^()]*\)\s*as nothing_yet"
)
JOURNAL = (
    "journal_line_id text, entity text, currency text, functional_currency text,"
    " customer_id text, contract_id text, obligation_key text, position_key text,"
    " event_id text, reason text, posted_on date, side text, account_role text,"
    " month date, amount_minor bigint, functional_minor bigint"
)
MONTHS = [date(2025, number, 1) for number in range(1, 5)]
# A line is told by entity, number of its month, and amount.
LINES = st.tuples(st.sampled_from("AB"), st.integers(0, 3), st.integers(-3, 3))


@dataclass
class Ledger:
    """A warehouse with a journal and what was recorded of it."""

    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, str]

    def build(self, lines: Sequence[tuple[str, int, int]], closed: int) -> None:
        """Build once more, with these lines, the first months being closed."""
        run = self.connection.execute
        run(f"create or replace table revenue.revenue_journal ({JOURNAL})")
        for entity, number, amount in lines:
            month = MONTHS[number]
            run(
                "insert into revenue.revenue_journal values"
                " (?, ?, 'USD', 'USD', 'c', 'k', null, 'k', null, 'r', ?, 'debit',"
                " 'revenue', ?, ?, ?)",
                [f"{entity}{number}{amount}", entity, month, month, amount, amount],
            )
        run(
            "create or replace table revenue.revenue_closes"
            " (entity text, month date, closed_on date)"
        )
        for entity in "AB":
            for month in MONTHS[:closed]:
                run(
                    "insert into revenue.revenue_closes values (?, ?, ?)",
                    [entity, month, month],
                )
        closing = self.models["revenue_closed_lines"]
        if self.rows(
            "select 1 from information_schema.tables"
            " where table_name = 'revenue_closed_lines'"
        ):
            closing, count = NOTHING.subn("from revenue.revenue_closed_lines", closing)
            assert count == 1
            run(f"insert into revenue.revenue_closed_lines {closing}")
        else:
            run(f"create table revenue.revenue_closed_lines as {closing}")
        run(
            "create or replace table revenue.revenue_booked_lines as"
            f" {self.models['revenue_booked_lines']}"
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(query).fetchall()

    def closed(self) -> list[tuple[Any, ...]]:
        """Return the books of the closed months, whole."""
        return self.rows(
            "select * from revenue.revenue_booked_lines where is_closed order by all"
        )

    def booked(self) -> Counter[tuple[str, date]]:
        """Return what is booked by entity and the month to which it belongs."""
        return Counter(
            {
                (entity, month): int(amount)
                for entity, month, amount in self.rows(
                    "select entity, coalesce(corrects_month, month),"
                    " sum(amount_minor) from revenue.revenue_booked_lines group by all"
                )
            }
        )


@pytest.fixture
def ledger(revenue_models: Mapping[str, str]) -> Iterator[Ledger]:
    """Return an empty ledger."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema revenue")
        yield Ledger(connection, revenue_models)


def test_a_late_line_is_booked_in_the_open_month_and_says_what_it_corrects(
    ledger: Ledger,
) -> None:
    """The closed month stays as reported; a line that is gone is taken back."""
    ledger.build([("A", 0, 1), ("A", 1, 2)], closed=1)
    reported = ledger.closed()

    ledger.build([("A", 0, 3), ("A", 1, 2)], closed=1)

    assert ledger.closed() == reported
    assert ledger.rows(
        "select month, corrects_month, amount_minor from revenue.revenue_booked_lines"
        " where not is_closed order by corrects_month nulls first, amount_minor"
    ) == [
        (MONTHS[1], None, 2),
        (MONTHS[1], MONTHS[0], -1),
        (MONTHS[1], MONTHS[0], 3),
    ]


def test_building_again_records_nothing_again(ledger: Ledger) -> None:
    """A close is written once, however often the books are built."""
    for _ in range(3):
        ledger.build([("A", 0, 1), ("B", 0, 2)], closed=1)

    assert ledger.rows("select count(*) from revenue.revenue_closed_lines") == [(2,)]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sets(LINES, max_size=8), st.integers(0, 4)), min_size=2, max_size=5
    )
)
def test_whatever_comes_later_closed_months_stay_and_the_sums_agree(
    revenue_models: Mapping[str, str],
    builds: list[tuple[set[tuple[str, int, int]], int]],
) -> None:
    """All that is booked is all that is known, and nothing closed is written again."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema revenue")
        books = Ledger(connection, revenue_models)
        closed, reported = 0, set[tuple[Any, ...]]()
        for lines, more in builds:
            closed = max(closed, more)

            books.build(sorted(lines), closed)

            now = set(books.closed())
            assert reported <= now
            reported = now
            known = Counter[tuple[str, date]]()
            for entity, number, amount in lines:
                known[entity, MONTHS[number]] += amount
            booked = books.booked()
            assert {key: n for key, n in booked.items() if n} == {
                key: n for key, n in known.items() if n
            }

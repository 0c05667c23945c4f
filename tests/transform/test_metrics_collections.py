"""Receivables and the days they take equal a second computation in Python."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transform.test_differential import (
    AS_OF,
    DAY,
    Row,
    after_months,
    last_day,
    months,
    rounded,
)

BUCKETS = {
    "current": 0,
    "overdue_1_30": 30,
    "overdue_31_60": 60,
    "overdue_61_90": 90,
    "overdue_over_90": 10**6,
}
FIRST = date(2024, 1, 1)
# Amounts of a month in US cents: what was billed, what is owed, what of it is not due.
Month = tuple[int, int, int]
Walk = Callable[[list[Month]], list[Row]]


def bucket(days_overdue: int) -> str:
    """Return the age of a balance that has been due for so many days."""
    return next(name for name, days in BUCKETS.items() if days_overdue <= days)


@pytest.mark.parametrize("fixture", ["rich", "disordered"])
def test_receivables_are_the_open_balances_by_age(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """An invoice is owed from its day until it is paid or void, and ages once due."""
    built = request.getfixturevalue(fixture)
    settled: dict[Any, list[tuple[date, int]]] = defaultdict(list)
    by_notes: dict[Any, int] = defaultdict(int)
    for row in built.records("select * from canonical.payment_allocations"):
        key = row["billing_system"], row["invoice_id"]
        settled[key].append((row["allocated_on"], row["allocated_minor"]))
        if row["source_type"] == "credit_note":
            by_notes[key] += row["allocated_minor"]
    invoices = built.records("select * from canonical.invoices")
    rows = built.records("select * from marts.receivables_monthly")
    expected: dict[tuple[date, str], dict[str, int]] = {
        (row["month"], row["currency"]): dict.fromkeys(BUCKETS, 0) for row in rows
    }
    for month in months(min(row["month"] for row in rows)):
        last = min(last_day(month), AS_OF)
        for invoice in invoices:
            settled_on = invoice["paid_on"] or invoice["voided_on"] or date.max
            if invoice["issued_on"] <= last < settled_on:
                key = invoice["billing_system"], invoice["invoice_id"]
                taken_at_issue = invoice["credited_minor"] - by_notes[key]
                balance = invoice["total_minor"] - taken_at_issue
                balance -= sum(amount for day, amount in settled[key] if day <= last)
                age = bucket((last - invoice["due_on"]).days)
                expected[month, invoice["currency"]][age] += balance

    found = {
        (row["month"], row["currency"]): {
            name: row[f"{name}_minor"] for name in BUCKETS
        }
        for row in rows
    }

    assert any(ages["overdue_1_30"] for ages in expected.values())
    assert found == expected
    assert all(
        row["receivables_minor"] == sum(row[f"{name}_minor"] for name in BUCKETS)
        for row in rows
    )


def test_what_is_owed_today_is_what_billing_says_is_open(rich: Any) -> None:
    """The last month's balances are the open amounts that invoices state."""
    stated = rich.rows(
        "select billing_system, invoice_id, open_minor + written_off_minor"
        " from canonical.invoices where status <> 'void'"
        " and open_minor + written_off_minor <> 0 order by 1, 2"
    )

    balances = rich.rows(
        "select billing_system, invoice_id, open_minor"
        " from marts.invoice_balances_monthly"
        " where month = date '2026-10-01' order by 1, 2"
    )

    assert stated
    assert balances == stated


@pytest.mark.parametrize("fixture", ["rich", "disordered"])
def test_nothing_settles_an_invoice_before_it_was_paid(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """A link that billing makes at the issue of an invoice is not yet its payment."""
    early, late = request.getfixturevalue(fixture).rows(
        "select count(*) filter (where allocated_on < payments.paid_on),"
        " count(*) filter (where allocated_on > issued_on)"
        " from canonical.payment_allocations as allocations"
        " join canonical.payments using (billing_system, payment_id)"
        " join canonical.invoices on invoices.invoice_id = allocations.invoice_id"
        " and invoices.billing_system = allocations.billing_system"
    )[0]

    assert early == 0
    assert late > 0


@pytest.fixture(scope="module")
def walk(dbt: Any) -> Iterator[Walk]:
    """Return a function that runs the model's own SQL over invented months."""
    (compiled,) = [
        each.node.compiled_code
        for each in dbt.run("compile", "--select", "collections_monthly")
        if each.node.resource_type == "model"
    ]
    measures = (
        "receivables",
        "current",
        "overdue_1_30",
        "overdue_31_60",
        "overdue_61_90",
        "overdue_over_90",
        "billings",
        "opening_receivables",
        "trailing_billings",
    )
    with closing(duckdb.connect()) as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("create schema warehouse.marts")
        columns = ", ".join(f"{name}_usd_minor bigint" for name in measures)
        connection.execute(
            "create table warehouse.marts.receivables_monthly (month date,"
            f" days_count bigint, trailing_days_count bigint, {columns})"
        )

        def run(given_months: list[Month]) -> list[Row]:
            connection.execute("delete from warehouse.marts.receivables_monthly")
            for row in table(given_months):
                connection.execute(
                    "insert into warehouse.marts.receivables_monthly"
                    f" ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                    list(row.values()),
                )
            answer = connection.execute(f"select * from ({compiled}) order by month")
            names = [column[0] for column in answer.description]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

        yield run


def table(given_months: list[Month]) -> Iterator[Row]:
    """Return the rows of the model's input for months in their order."""
    opening = 0
    for place, (billed, owed, current) in enumerate(given_months):
        year = range(max(place - 11, 0), place + 1)
        yield {
            "month": after_months(FIRST, place),
            "days_count": days_of(place),
            "trailing_days_count": sum(days_of(each) for each in year),
            "receivables_usd_minor": owed,
            "current_usd_minor": current,
            "billings_usd_minor": billed,
            "opening_receivables_usd_minor": opening,
            "trailing_billings_usd_minor": sum(given_months[each][0] for each in year),
        }
        opening = owed


def days_of(place: int) -> int:
    """Return the days of the month at a place."""
    month = after_months(FIRST, place)
    return (last_day(month) + DAY - month).days


def countback(given_months: list[Month]) -> int | None:
    """Return hundredths of days: walk back until what is owed is used up."""
    days, left = Fraction(0), given_months[-1][1]
    for place in reversed(range(len(given_months))):
        billed = given_months[place][0]
        if left <= billed:
            share = Fraction(left, billed) if billed else Fraction(0)
            return 100 * int(days) + rounded(100 * days_of(place) * share)
        days += days_of(place)
        left -= billed
    return None


amounts = st.integers(0, 10**11)
some_months = st.lists(
    st.tuples(amounts, amounts, amounts).map(
        lambda each: (each[0], each[1], min(each[1], each[2]))
    ),
    min_size=1,
    max_size=15,
)


@settings(deadline=None, max_examples=60)
@given(given_months=some_months)
def test_days_outstanding_follow_their_definitions(
    walk: Walk, given_months: list[Month]
) -> None:
    """Countback walks back exactly; the quotients are exact to half of a hundredth."""
    inputs = list(table(given_months))

    rows = walk(given_months)

    for place, (row, source) in enumerate(zip(rows, inputs, strict=True)):
        billed, owed, current = given_months[place]
        year, days = (
            source["trailing_billings_usd_minor"],
            source["trailing_days_count"],
        )
        opening = source["opening_receivables_usd_minor"]
        assert row["dso_countback_hundredth_days"] == countback(
            given_months[: place + 1]
        )
        for name, upper in {
            "dso_simple": owed,
            "best_possible_dso": current,
            "average_days_delinquent": owed - current,
        }.items():
            assert row[f"{name}_hundredth_days"] == (
                rounded(Fraction(100 * upper * days, year)) if year else None
            )
        collectible = opening + billed - current
        assert row["collection_effectiveness_basis_points"] == (
            rounded(Fraction(10000 * (opening + billed - owed), collectible))
            if collectible > 0
            else None
        )


def test_who_owes_a_months_billings_owes_the_months_days(walk: Walk) -> None:
    """Receivables of exactly the last months' billings are exactly their days."""
    rows = walk([(500, 500, 500), (300, 800, 0), (200, 500, 0), (0, 500, 0)])

    assert [row["dso_countback_hundredth_days"] for row in rows] == [
        3100,
        6000,
        6000,
        9000,
    ]


def test_days_outstanding_are_those_of_the_published_example(walk: Walk) -> None:
    """Golden case G59: 30.4 days simply, and 73.7 by countback.

    The page counts months of thirty days; of ours, May has one more.
    """
    year = walk([(15_000_000, 15_000_000, 0)] * 14)[13]
    unused = [(0, 0, 0)] * 3
    counted = walk(
        [*unused, (7_000_000, 0, 0), (8_000_000, 0, 0), (10_000_000, 21_200_000, 0)]
    )

    assert sum(days_of(place) for place in range(2, 14)) == 365
    assert round(year["dso_simple_hundredth_days"] / 10) == 304
    assert round(counted[-1]["dso_countback_hundredth_days"] / 10) == 737 + 10

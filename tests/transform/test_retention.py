"""Retention, cohorts, renewals and commitments, against plain Python and by hand."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.transform.arr_models import ArrCompany, Segment
from tests.transform.arr_reference import rounded
from tests.transform.test_arr_policies import line
from tests.transform.test_laws_arr import customers, few

Build = Callable[..., ArrCompany]


def held(company: ArrCompany) -> dict[tuple[str, date], int]:
    """Return ARR at the budget rate by customer and month."""
    return {
        (customer, month): amount
        for customer, month, amount in company.rows(
            "select customer_id, month, sum(closing_usd_minor)"
            " from warehouse.marts.arr_movements group by customer_id, month"
        )
    }


def points(part: int, whole: int) -> int:
    """Return hundredths of a percent."""
    return rounded(Fraction(10_000 * part, whole))


@few
@given(segments=customers(), children=st.sets(st.integers(1, 9), max_size=6))
def test_retention_is_that_of_plain_python(
    arr: Build, segments: list[Segment], children: set[int]
) -> None:
    """NRR, GRR and logos of customers and groups, of all and of each segment."""
    above = [("C0", f"C{child}") for child in children]
    parents = {child: parent for parent, child in above}
    markets = {f"C{n}": f"Market {n % 3}" for n in range(8)}

    with closing(arr(segments, above=above, markets=list(markets.items()))) as company:
        found = {
            (level, segment, month): tuple(rates)
            for level, segment, month, *rates in company.rows(
                "select level, segment, month, nrr_basis_points, grr_basis_points,"
                " logo_retention_basis_points, logo_churn_basis_points"
                " from warehouse.marts.retention_levels_monthly"
            )
        }
        amounts = held(company)

    of_all = {f"C{n}": "all" for n in range(20)}
    of_each = {member: markets.get(member, "unassigned") for member in of_all}
    assert found == {
        place: rates
        for level, above_it in (("customer", {}), ("parent", parents))
        for counted in (of_all, of_each)
        for place, rates in expected_retention(
            level, amounts, above_it, counted
        ).items()
    }


def expected_retention(
    level: str,
    amounts: dict[tuple[str, date], int],
    parents: dict[str, str],
    counted: dict[str, str],
) -> dict[tuple[str, str, date], tuple[int, ...]]:
    """Return NRR, GRR, logo retention and churn of every month with a cohort."""
    found: dict[tuple[str, str, date], tuple[int, ...]] = {}
    for segment in set(counted.values()):
        by_member: Any = defaultdict(lambda: defaultdict(int))
        for (customer, month), amount in amounts.items():
            member = parents.get(customer, customer)
            if counted[member] == segment:
                by_member[month][member] += amount
        for month, rates in retained(by_member).items():
            found[level, segment, month] = rates
    return found


def retained(by_member: Any) -> dict[date, tuple[int, ...]]:
    """Return the rates of each month with a cohort, from ARR by month and member."""
    found: dict[date, tuple[int, ...]] = {}
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        before = {
            member: amount
            for member, amount in by_member[month.replace(year=2025)].items()
            if amount > 0
        }
        if not before:
            continue
        now = {member: by_member[month].get(member, 0) for member in before}
        opening = sum(before.values())
        stayed = sum(amount > 0 for amount in now.values())
        gross = sum(min(now[member], before[member]) for member in before)
        found[month] = (
            points(sum(now.values()), opening),
            points(gross, opening),
            points(stayed, len(before)),
            points(len(before) - stayed, len(before)),
        )
    return found


@few
@given(segments=customers())
def test_cohorts_are_all_customers_and_all_of_arr(
    arr: Build, segments: list[Segment]
) -> None:
    """In every month the cohorts together are the company, and each begins whole."""
    with closing(arr(segments)) as company:
        apart = company.rows(
            "select month, sum(arr_usd_minor), sum(retained_members_count)"
            " from (select *, cast(cohort_month + to_months(cast(months_since_start"
            " as integer)) as date) as month from warehouse.marts.retention_cohorts"
            " where level = 'customer') group by month order by month"
        )
        whole = company.rows(
            "select month, closing_usd_minor, customers_count"
            " from warehouse.marts.arr_monthly order by month"
        )
        begun = company.rows(
            "select * from warehouse.marts.retention_cohorts"
            " where months_since_start = 0 and (retained_members_count <> members_count"
            " or net_retention_basis_points <> 10000)"
        )

    known = {month for month, *_ in whole}
    assert [row for row in apart if row[0] in known] == whole
    assert all(amount == 0 for month, amount, _ in apart if month not in known)
    assert begun == []


def renewal(starts_on: date, units: int) -> Segment:
    """Return a second contract of the customer."""
    return line(
        segment="2",
        contract="K2",
        starts_on=starts_on,
        ends_before=date(2027, 9, 1),
        quantity=units,
    )


def rates(company: ArrCompany) -> list[tuple[Any, ...]]:
    """Return what was up for renewal and what was renewed, by customers."""
    return company.rows(
        "select month, available_usd_minor, gross_renewal_basis_points,"
        " net_renewal_basis_points from warehouse.marts.renewals_monthly"
        " where level = 'customer' and segment = 'all' order by month"
    )


def test_a_renewal_counts_up_to_what_was_up_for_it(arr: Build) -> None:
    """Three units for two: all renewed, half as much again won; none: nothing."""
    old = line(quantity=2, ends_before=date(2026, 7, 10))
    month = date(2026, 7, 1)

    def renewed(*others: Segment) -> Sequence[tuple[Any, ...]]:
        with closing(arr([old, *others])) as company:
            return rates(company)

    assert renewed(renewal(date(2026, 7, 10), 3)) == [(month, 240_000, 10_000, 15_000)]
    assert renewed(renewal(date(2026, 6, 20), 1)) == [(month, 240_000, 5_000, 5_000)]
    assert renewed(renewal(date(2026, 9, 20), 2)) == [(month, 240_000, 10_000, 10_000)]
    assert renewed(renewal(date(2026, 10, 20), 2)) == [(month, 240_000, 0, 0)]
    assert renewed() == [(month, 240_000, 0, 0)]


def committed(company: ArrCompany) -> dict[str, int]:
    """Return CARR by month."""
    return {
        f"{month:%Y-%m}": amount
        for month, amount in company.rows(
            "select month, sum(committed_usd_minor)"
            " from warehouse.marts.arr_committed_monthly group by month order by 1"
        )
    }


def test_what_is_signed_and_not_yet_live_is_committed(arr: Build) -> None:
    """A new line is added, and a renewal takes the place of what it renews."""
    lines = [
        line(ends_before=date(2026, 2, 10)),
        line(
            segment="2",
            contract="K2",
            starts_on=date(2026, 2, 10),
            signed_on=date(2025, 12, 20),
            quantity=3,
        ),
        line(
            segment="3",
            contract="K1",
            product="SUP-PREMIUM",
            starts_on=date(2026, 1, 15),
            signed_on=date(2025, 11, 20),
        ),
    ]

    with closing(arr(lines)) as company:
        found = committed(company)

    assert [found[month] for month in ("2025-10", "2025-11", "2025-12", "2026-02")] == [
        120_000,
        240_000,
        480_000,
        480_000,
    ]

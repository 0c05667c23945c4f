"""From MRR to recurring revenue: each step as a second author counts it, day by day."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.transform.bridge_reference import term

LAST_MONTH = date(2026, 10, 1)
REASONS = (
    *("policy", "part_months", "discounts", "pauses", "given_back", "allocation"),
    *("changes", "held", "rounding", "unexplained"),
)
MONTH_ENDS = [date(2024 + at // 12, at % 12 + 1, 1) for at in range(1, 35)]
AGREEMENTS = "select contract_id, agreement_id from marts.bridge_agreements"


@pytest.fixture(params=("rich", "disordered"))
def either(request: pytest.FixtureRequest) -> Any:
    """Return a company whose systems agree, and one in which mistakes were made."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def bridged(either: Any) -> dict[str, dict[str, Any]]:
    """Return the bridge of each agreement."""
    rows = either.records("select * from marts.bridge_mrr")
    assert {row["month"] for row in rows} == {LAST_MONTH}
    return {row["agreement_id"]: row for row in rows}


def test_mrr_is_counted_month_by_month(either: Any, bridged: Any) -> None:
    """What the metric in force counts at each month's end, of the contracts alone."""
    out = {
        (row["salesforce_contract_id"], row["month"])
        for row in either.records(
            "select suspended.* from intermediate.int_contracts__suspended as suspended"
            " inner join intermediate.int_metric_policies__steps as steps"
            " using (policy_step) where steps.is_in_force"
        )
    }
    counted: dict[str, Fraction] = defaultdict(Fraction)
    for row in either.records(
        "select * from marts.arr_segments inner join"
        f" ({AGREEMENTS}) using (contract_id) where is_in_force"
    ):
        for ended in MONTH_ENDS:
            month = (ended - timedelta(1)).replace(day=1)
            is_in_force = row["starts_on"] < ended <= row["ends_before"]
            if is_in_force and (row["contract_id"], month) not in out:
                counted[row["agreement_id"]] += Fraction(row["counted_minor"], 12)

    assert MONTH_ENDS[-1] == date(2026, 11, 1)
    assert {key: row["mrr_minor"] for key, row in bridged.items()} == {
        key: int(counted[key] + Fraction(1, 2)) for key in bridged
    }


def test_worth_is_counted_day_by_day(either: Any, bridged: Any) -> None:
    """Each day served has its price; a minor unit a line is lost to rounding."""
    served: dict[str, Fraction] = defaultdict(Fraction)
    rounded: dict[str, int] = defaultdict(int)
    for row in either.records(
        "select * from canonical.contract_segments inner join"
        f" ({AGREEMENTS}) using (contract_id) where is_recurring"
    ):
        starts, ends = row["starts_on"], row["ends_before"]
        days = (min(ends, MONTH_ENDS[-1]) - starts).days
        value = term(row["arr_minor"], starts, ends)
        served[row["agreement_id"]] += Fraction(
            value * max(days, 0), (ends - starts).days
        )
        rounded[row["agreement_id"]] += 1

    far = {
        key: row
        for key, row in bridged.items()
        if abs(
            row["mrr_minor"]
            + row["policy_minor"]
            + row["part_months_minor"]
            - served[key]
        )
        > rounded[key]
    }
    assert far == {}


def test_the_reasons_end_at_what_the_journal_earned(either: Any, bridged: Any) -> None:
    """Of orders whose lines recur, by the journal, to the minor unit."""
    earned = {
        row["agreement_id"]: row["earned_minor"]
        for row in either.records(f"""
            select agreement_id, cast(- sum(amount_minor) as bigint) as earned_minor
            from revenue.revenue_journal as journal
            inner join canonical.order_lines as lines
                on lines.order_line_id = split_part(journal.obligation_key, '/', 2)
            inner join ({AGREEMENTS}) as agreements
                on agreements.contract_id = journal.contract_id
            where account_role = 'revenue' and lines.revenue_type = 'recurring'
            group by agreement_id
        """)
    }

    assert len(earned) > len(bridged) / 2
    assert {key: row["revenue_minor"] for key, row in bridged.items()} == {
        key: earned.get(key, 0) for key in bridged
    }
    assert {
        key: row["mrr_minor"] + sum(row[f"{reason}_minor"] for reason in REASONS)
        for key, row in bridged.items()
    } == {key: row["revenue_minor"] for key, row in bridged.items()}


def test_where_systems_agree_nothing_is_left_over(rich: Any) -> None:
    """And every reason but a hold is one that somebody has."""
    (row,) = rich.records(
        "select "
        + ", ".join(f"count(nullif({each}_minor, 0)) as {each}" for each in REASONS)
        + " from marts.bridge_mrr"
    )

    assert {reason for reason, found in row.items() if not found} == {
        "held",
        "unexplained",
    }

"""What counts is data: each policy does what it says, and a change is a bridge."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transform.arr_models import ArrCompany, Segment, Suspension
from tests.transform.test_laws_arr import customers, few

IN_FORCE, AHEAD = date(2026, 1, 1), date(2027, 1, 1)
CHANGES = {
    "discount_in_mrr": ("forever_only", "none"),
    "reactivation_grace_days": ("20", "60"),
    "late_renewal_grace_days": ("0", "30"),
}

Build = Callable[..., ArrCompany]


def line(**more: Any) -> Segment:
    """Return a year of one unit at 100 dollars a month; changed where said."""
    values: dict[str, Any] = {
        "segment": "1",
        "customer": "C1",
        "contract": "K1",
        "product": "ADD-SSO",
        "currency": "USD",
        "entity": "US",
        "starts_on": date(2025, 10, 10),
        "ends_before": date(2026, 10, 10),
        "quantity": 1,
        "unit_minor": 10_000,
    }
    return Segment(**(values | more))


def series(company: ArrCompany) -> dict[str, int]:
    """Return ARR by the month at whose end it is other than the month before."""
    rows = company.rows(
        "select month, closing_usd_minor from warehouse.marts.arr_monthly order by 1"
    )
    changed, last = {}, 0
    for month, amount in rows:
        if amount != last:
            changed[f"{month:%Y-%m}"], last = amount, amount
    return changed


def told(company: ArrCompany) -> list[tuple[str, str, str, int]]:
    """Return month, movement, cause and amount of all that moved."""
    return [
        (f"{month:%Y-%m}", movement, cause, amount)
        for month, movement, cause, amount in company.rows(
            "select month, movement, cause, sum(amount_minor)"
            " from warehouse.marts.arr_movement_causes"
            " group by month, movement, cause order by 1, 2, 3"
        )
    ]


@pytest.mark.parametrize(
    ("policy", "value", "temporary", "forever"),
    [
        ("discount_in_mrr", "all", 96_000, 60_000),
        ("discount_in_mrr", "forever_only", 120_000, 60_000),
        ("discount_in_mrr", "none", 120_000, 120_000),
    ],
)
def test_a_discount_lowers_arr_as_the_policy_says(
    arr: Build, policy: str, value: str, temporary: int, forever: int
) -> None:
    """All discounts, those without an end, or none."""
    lines = [
        line(percent_off=20),
        line(
            segment="2", customer="C2", contract="K2", percent_off=50, is_forever=True
        ),
    ]

    with closing(arr(lines, policies=[(2, policy, value, IN_FORCE)])) as company:
        found = company.rows(
            "select closing_minor from warehouse.marts.arr_movements"
            " where month = '2025-12-01' order by customer_id"
        )

    assert found == [(temporary,), (forever,)]


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        ([], {"2025-10": 120_000, "2026-03": 0, "2026-05": 120_000, "2026-10": 0}),
        (
            [(2, "counts_paused", "yes", IN_FORCE)],
            {"2025-10": 120_000, "2026-10": 0},
        ),
    ],
)
def test_a_pause_counts_as_the_policy_says(
    arr: Build, policies: list[tuple[int, str, str, date]], found: dict[str, int]
) -> None:
    """ARR rests with the contract and comes back with it, or stays."""
    pause = Suspension("K1", "pause", date(2026, 3, 10), date(2026, 5, 10))

    with closing(arr([line()], suspensions=[pause], policies=policies)) as company:
        assert series(company) == found


def test_who_pauses_for_too_long_has_left(arr: Build) -> None:
    """A short pause is no churn, a long one is nothing else."""
    short = Suspension("K1", "pause", date(2026, 3, 10), date(2026, 5, 10))
    lasting = Suspension("K1", "pause", date(2026, 3, 10), date(2026, 9, 10))
    endless = Suspension("K1", "pause", date(2026, 3, 10), None)

    with closing(arr([line()], suspensions=[short])) as company:
        assert told(company)[1:3] == [
            ("2026-03", "pause", "pause", -120_000),
            ("2026-05", "resume", "pause", 120_000),
        ]
    with closing(arr([line()], suspensions=[lasting])) as company:
        assert [row[1] for row in told(company)] == [
            *("new", "churn", "reactivation", "churn"),
        ]
    with closing(arr([line()], suspensions=[endless])) as company:
        assert told(company)[1:] == [
            ("2026-03", "pause", "pause", -120_000),
            ("2026-06", "churn", "non_renewal", -120_000),
            ("2026-06", "resume", "pause", 120_000),
        ]


def test_a_trial_is_not_paid_and_a_late_payment_is_still_owed(arr: Build) -> None:
    """By default a trial does not count and an unpaid contract does."""
    trial = Suspension("K1", "trial", date(2025, 10, 10), date(2025, 12, 10))
    unpaid = Suspension("K1", "past_due", date(2026, 8, 10), None)
    turned = [
        (2, "counts_past_due", "no", IN_FORCE),
        (2, "counts_trial", "yes", IN_FORCE),
    ]

    with closing(arr([line()], suspensions=[trial, unpaid])) as company:
        assert series(company) == {"2025-12": 120_000, "2026-10": 0}
    with closing(
        arr([line()], suspensions=[trial, unpaid], policies=turned)
    ) as company:
        assert series(company) == {"2025-10": 120_000, "2026-08": 0}


def test_churn_is_recognised_when_the_policy_says(arr: Build) -> None:
    """At the end of the term, or at once when the customer cancels."""
    endings = [("K1", date(2026, 4, 20), "voluntary")]
    at_once = [(2, "churn_recognised", "cancel_instant", IN_FORCE)]

    with closing(arr([line()], endings=endings)) as company:
        assert told(company)[1:] == [("2026-10", "churn", "voluntary", -120_000)]
    with closing(arr([line()], endings=endings, policies=at_once)) as company:
        assert told(company)[1:] == [("2026-04", "churn", "voluntary", -120_000)]


def test_who_comes_back_within_the_grace_was_never_away(arr: Build) -> None:
    """Beyond it churn and return are shown, as a late renewal up to its own grace."""
    lines = [
        line(ends_before=date(2026, 1, 20)),
        line(segment="2", contract="K2", starts_on=date(2026, 3, 1)),
    ]
    grace = [(2, "reactivation_grace_days", "45", IN_FORCE)]
    strict = [(2, "late_renewal_grace_days", "30", IN_FORCE)]

    with closing(arr(lines)) as company:
        assert told(company)[1:3] == [
            ("2026-01", "churn", "late_renewal", -120_000),
            ("2026-03", "reactivation", "late_renewal", 120_000),
        ]
    with closing(arr(lines, policies=strict)) as company:
        assert [row[2] for row in told(company)[1:3]] == ["non_renewal", "return"]
    with closing(arr(lines, policies=grace)) as company:
        assert series(company) == {"2025-10": 120_000, "2026-10": 0}


@few
@given(segments=customers(), data=st.data())
def test_a_change_of_policies_is_bridged_policy_by_policy(
    arr: Build, segments: list[Segment], data: st.DataObject
) -> None:
    """Old and differences are new, and a proposal changes nothing that is published."""
    policies = [
        (2, name, data.draw(st.sampled_from(values)), AHEAD)
        for name, values in CHANGES.items()
    ]
    keys = "customer_id, currency, month"
    with (
        closing(arr(segments)) as before,
        closing(arr(segments, policies=policies)) as proposed,
        closing(
            arr(segments, policies=[(*each[:3], IN_FORCE) for each in policies])
        ) as after,
    ):
        old, new = (
            dict_of(
                company.rows(
                    f"select {keys}, sum(closing_minor)"
                    f" from warehouse.marts.arr_movements group by {keys}"
                )
            )
            for company in (before, after)
        )
        bridge = proposed.rows(
            f"select {keys}, sum(difference_minor) from"
            f" warehouse.marts.arr_policy_bridge group by {keys}"
        )
        movements = proposed.table("arr_movements")

        assert movements == before.table("arr_movements")
    differences = dict_of(bridge)
    assert {
        key: new.get(key, 0) - old.get(key, 0)
        for key in old.keys() | new.keys()
        if new.get(key, 0) != old.get(key, 0)
    } == {key: amount for key, amount in differences.items() if amount}


def dict_of(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], int]:
    """Return the last column by the others."""
    return {tuple(key): amount for *key, amount in rows}


def test_movements_are_those_of_a_published_example(arr: Build) -> None:
    """ChartMogul's own example (help article 201244842), MRR in cents."""
    gold = {"customer": "C1", "product": "GOLD"}
    lines = [
        line(
            **gold,
            quantity=4,
            unit_minor=Fraction(50_000, 12),
            starts_on=date(2025, 9, 5),
            ends_before=date(2026, 9, 5),
        ),
        line(
            segment="2",
            contract="K2",
            product="SILVER",
            quantity=2,
            unit_minor=3_000,
            starts_on=date(2025, 11, 10),
            ends_before=date(2026, 2, 10),
        ),
        line(
            **gold,
            segment="3",
            contract="K3",
            quantity=3,
            unit_minor=5_000,
            starts_on=date(2026, 10, 7),
            ends_before=date(2027, 10, 7),
        ),
    ]

    with closing(arr(lines)) as company:
        found = [(row[1], round(Fraction(row[3], 12))) for row in told(company)]

    assert found == [
        ("new", 16_667),
        ("expansion", 6_000),
        ("contraction", -6_000),
        ("churn", -16_667),
        ("reactivation", 15_000),
    ]


def test_mrr_of_two_price_lists_is_that_of_a_published_example(arr: Build) -> None:
    """Stripe's glossary: 100 at 100 a month and 50 at 600 a year are 12,500 of MRR."""
    lines = [
        line(segment="1", customer="C1", contract="K1", quantity=100),
        line(segment="2", customer="C2", contract="K2", quantity=50, unit_minor=5_000),
    ]

    with closing(arr(lines)) as company:
        assert series(company)["2025-10"] == 12 * 1_250_000

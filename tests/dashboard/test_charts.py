"""Charts: the bridge adds up, and every chart is said in words."""

import re
from datetime import date
from io import StringIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import (
    DARK,
    LIGHT,
    bridge,
    bridge_steps,
    describe,
    describe_bridge,
    lines,
    stack,
)

AMOUNTS = st.integers(-(10**10), 10**10)
OCTOBER = date(2026, 10, 1)
FOUR = {
    "Bookings": [(OCTOBER, 100_000)],
    "Billings": [(OCTOBER, 200_000)],
    "Revenue": [(OCTOBER, 300_000)],
    "Cash": [(OCTOBER, 400_000)],
}


@given(AMOUNTS, st.lists(AMOUNTS, max_size=7))
def test_the_bridge_ends_where_its_movements_lead(
    opening: int, movements: list[int]
) -> None:
    """Each bar begins where the one before it ended, and the last one stands on it."""
    steps = bridge_steps(
        ("Opening", opening),
        [(str(n), change) for n, change in enumerate(movements)],
        ("Closing", opening + sum(movements)),
    )

    assert steps[0].end == opening
    assert steps[-2].end == steps[-1].end == opening + sum(movements)
    assert all(left.end == right.start for left, right in pairwise(steps[:-1]))


def test_the_bridge_is_said_in_words() -> None:
    """Who cannot see the chart hears every step of it."""
    steps = bridge_steps(
        ("Opening Oct 2026", 100_000),
        [("New", 50_000), ("Churn", -5_000)],
        ("Closing Oct 2026", 145_000),
    )

    assert describe_bridge("ARR bridge", steps) == (
        "ARR bridge in USD: Opening Oct 2026 1.0k, New +500, "
        "Churn \N{MINUS SIGN}50, Closing Oct 2026 1.5k"
    )


def test_the_lines_are_told_apart_without_colour() -> None:
    """Each measure has a dash of its own, and the words say where it ends."""
    drawn = lines(FOUR, DARK).to_dict()

    dashes = drawn["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 4
    assert describe("Four lines", FOUR).endswith(
        "ending at Bookings 1.0k, Billings 2.0k, Revenue 3.0k, Cash 4.0k"
    )


def test_a_series_without_values_is_said_to_have_none() -> None:
    """Nothing is drawn for it, and nothing is made up."""
    assert describe("Two", {"One": [(OCTOBER, 100)], "Other": []}).endswith(
        "ending at One 1, Other without values"
    )


@pytest.mark.parametrize("months", [2, 10, 24])
def test_a_month_is_named_once(months: int) -> None:
    """However few there are, no tick stands between two of them."""
    points = [(date(2025 + n // 12, n % 12 + 1, 1), 100 * n) for n in range(months)]

    drawn = StringIO()
    lines({"ARR": points}, LIGHT).properties(width=1200).save(drawn, format="svg")

    named = re.findall(r">(\w{3} \W\d\d)<", drawn.getvalue())
    assert len(named) > 1
    assert len(named) == len(set(named)) <= months


def test_each_theme_has_its_own_colours() -> None:
    """What is readable on white is not what is readable on black."""
    steps = bridge_steps(("Opening", 1), [], ("Closing", 1))

    light, dark = (
        bridge(steps, palette).to_dict()["encoding"]["color"]["scale"]["range"]
        + stack(FOUR, palette).to_dict()["encoding"]["color"]["scale"]["range"]
        for palette in (LIGHT, DARK)
    )

    assert set(light).isdisjoint(dark)

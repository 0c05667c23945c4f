"""Charts: the bridge adds up, and both charts are said in words."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import (
    DARK,
    LIGHT,
    bridge,
    bridge_steps,
    describe_bridge,
    describe_flow,
    flow,
)
from dashboard.overview import ArrMonth, FlowMonth

AMOUNTS = st.integers(0, 10**10)


@st.composite
def months(draw: st.DrawFn) -> tuple[ArrMonth, ...]:
    """One to twelve months that roll forward."""
    closing, rows = draw(AMOUNTS), []
    for n in range(draw(st.integers(1, 12))):
        opening, up = closing, [draw(AMOUNTS) for _ in range(3)]
        down = [-draw(AMOUNTS) for _ in range(2)]
        closing = opening + sum(up) + sum(down)
        row = ArrMonth(
            date(2026, n + 1, 1), opening, *up, *down, closing, closing - opening
        )
        rows.append(row)
    return tuple(rows)


@given(months())
def test_the_bridge_ends_where_the_last_month_closes(
    rows: tuple[ArrMonth, ...],
) -> None:
    """Opening and five movements reach the closing, to the minor unit."""
    steps = bridge_steps(rows)

    assert steps[0].end == rows[0].opening
    assert steps[-2].end == steps[-1].end == rows[-1].closing
    assert all(left.end == right.start for left, right in pairwise(steps[:-1]))


def test_the_bridge_is_said_in_words() -> None:
    """Who cannot see the chart hears every step of it."""
    row = ArrMonth(
        date(2026, 10, 1), 100_000, 50_000, 20_000, 0, -10_000, -5_000, 155_000, 55_000
    )

    assert describe_bridge(bridge_steps([row])) == (
        "ARR bridge in USD: Opening Oct 2026 1.0k, New +500, Expansion +200, "
        "Reactivation 0, Contraction \N{MINUS SIGN}100, Churn \N{MINUS SIGN}50, "
        "Closing Oct 2026 1.6k"
    )


def test_the_lines_are_told_apart_without_colour() -> None:
    """Each measure has a dash of its own, and the words say where it ends."""
    rows = [FlowMonth(date(2026, 10, 1), 100_000, 200_000, 300_000, 400_000)]

    drawn = flow(rows, DARK).to_dict()

    dashes = drawn["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in dashes}) == 4
    assert describe_flow(rows).endswith(
        "ending at bookings 1.0k, billings 2.0k, revenue 3.0k and cash 4.0k"
    )


def test_each_theme_has_its_own_colours() -> None:
    """What is readable on white is not what is readable on black."""
    row = ArrMonth(date(2026, 10, 1), 1, 0, 0, 0, 0, 0, 1, 0)
    steps = bridge_steps([row])

    light, dark = (
        bridge(steps, palette).to_dict()["encoding"]["color"]["scale"]["range"]
        for palette in (LIGHT, DARK)
    )

    assert set(light).isdisjoint(dark)

"""Charts: a bridge, lines and stacked bars over months, each also said in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from dashboard.formats import compact, major, month

_HEIGHT = 320
_DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3]]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme; each has a contrast of at least 3:1 on its background."""

    text: str
    total: str
    up: str
    down: str
    lines: tuple[str, str, str, str]
    stack: tuple[str, ...]


LIGHT = Palette(
    "#31394d",
    "#2f5bea",
    "#0f8f78",
    "#d13b52",
    (
        "#2f5bea",
        "#0f8f78",
        "#7c4ddb",
        "#b85c00",
    ),
    ("#2f5bea", "#0f8f78", "#7c4ddb", "#4a7d99", "#b85c00", "#d13b52", "#6b7488"),
)
DARK = Palette(
    "#d5dbe8",
    "#6f8ff7",
    "#2cb89c",
    "#f0657c",
    (
        "#7d9bff",
        "#35c4a6",
        "#b493ff",
        "#f0a04b",
    ),
    ("#7d9bff", "#35c4a6", "#b493ff", "#8fc3df", "#f0a04b", "#f0657c", "#a3adc2"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the bridge: where it starts and ends, minor units of its currency."""

    label: str
    kind: str  # total, up or down
    start: int
    end: int
    shown: str
    currency: str = "USD"


def bridge_steps(
    opening: tuple[str, int],
    movements: Sequence[tuple[str, int]],
    closing: tuple[str, int],
    currency: str = "USD",
) -> tuple[Step, ...]:
    """Lay out opening, movements and closing, each a label and an amount."""
    steps = [_total(*opening, currency)]
    reached = opening[1]
    for label, change in movements:
        sign = "+" if change > 0 else ""
        steps.append(
            Step(
                label=label,
                kind="down" if change < 0 else "up",
                start=reached,
                end=reached + change,
                shown=f"{sign}{compact(change, currency)}",
                currency=currency,
            )
        )
        reached += change
    steps.append(_total(*closing, currency))
    return tuple(steps)


def bridge(steps: Sequence[Step], palette: Palette) -> Any:
    """Draw the bridge top to bottom: labels stay readable on a phone as on a wall."""
    rows = [
        {
            # The number stands with its label: it is never cut off beside its bar.
            "label": f"{step.label}\N{EM SPACE}{step.shown}",
            "kind": step.kind,
            "from": float(major(min(step.start, step.end), step.currency)),
            "to": float(major(max(step.start, step.end), step.currency)),
            "shown": step.shown,
        }
        for step in steps
    ]
    kinds = alt.Scale(
        domain=["total", "up", "down"],
        range=[palette.total, palette.up, palette.down],
    )
    labels = alt.Axis(
        domain=False,
        ticks=False,
        labelColor=palette.text,
        labelLimit=200,
        labelPadding=8,
    )
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height={"band": 0.62}, cornerRadius=2)
        .encode(
            x=alt.X("from:Q", title=None, axis=_amounts(), scale=alt.Scale(zero=True)),
            x2="to:Q",
            y=alt.Y("label:N", sort=None, title=None, axis=labels),
            color=alt.Color("kind:N", legend=None, scale=kinds),
            tooltip=[
                alt.Tooltip("label:N", title="Step"),
                alt.Tooltip("shown:N", title="USD"),
            ],
        )
        .properties(height=_HEIGHT)
        .configure_view(stroke=None)
    )


def lines(
    series: Mapping[str, Sequence[tuple[date, int]]],
    palette: Palette,
    write: Callable[[int], str] = compact,
) -> Any:
    """Draw up to four lines over months, told apart by colour and by dash.

    Values are hundredths of what the axis counts: cents, or hundredths of a percent.
    """
    domain = list(series)
    base = _over_months(series, write)
    legend = None if len(domain) == 1 else _legend()
    drawn = base.mark_line(strokeWidth=2.4).encode(
        color=alt.Color(
            "series:N",
            title=None,
            scale=alt.Scale(domain=domain, range=list(palette.lines)),
            legend=legend,
        ),
        strokeDash=alt.StrokeDash(
            "series:N",
            title=None,
            scale=alt.Scale(domain=domain, range=_DASHES),
            legend=legend,
        ),
    )
    # Nobody hits a line with a pointer: unseen discs around each value answer for it.
    discs = base.mark_circle(size=240, opacity=0)
    return (drawn + discs).properties(height=_HEIGHT).configure_view(stroke=None)


def stack(series: Mapping[str, Sequence[tuple[date, int]]], palette: Palette) -> Any:
    """Draw amounts over months on top of one another, those below zero downwards."""
    domain = list(series)
    return (
        _over_months(series, compact, band=True)
        .mark_bar(cornerRadius=1)
        .encode(
            color=alt.Color(
                "series:N",
                title=None,
                scale=alt.Scale(domain=domain, range=list(palette.stack)),
                legend=alt.Legend(orient="bottom", columns=2),
            ),
            order=alt.Order("rank:Q"),
        )
        .properties(height=_HEIGHT)
        .configure_view(stroke=None)
    )


def _over_months(
    series: Mapping[str, Sequence[tuple[date, int]]],
    write: Callable[[int], str],
    *,
    band: bool = False,
) -> Any:
    """Place values over months, each with what is said when it is pointed at."""
    values = [
        {
            "month": day.isoformat(),
            "series": name,
            "rank": rank,
            "amount": float(major(amount)),
            "shown": write(amount),
            "when": month(day),
        }
        for rank, (name, points) in enumerate(series.items())
        for day, amount in points
    ]
    # Days are parsed as UTC; a local scale would show the month before.
    axis = alt.Axis(
        format="%b \N{RIGHT SINGLE QUOTATION MARK}%y",
        # With few months, ticks would stand within one and name it twice.
        tickCount="month",
        labelOverlap="greedy",
        labelAngle=0,
        grid=False,
    )
    time = (
        alt.X("utcyearmonth(month):O", title=None, axis=axis)
        if band
        else alt.X("month:T", scale=alt.Scale(type="utc"), title=None, axis=axis)
    )
    return alt.Chart(alt.Data(values=values)).encode(
        x=time,
        y=alt.Y("amount:Q", title=None, axis=_amounts()),
        tooltip=[
            alt.Tooltip("when:N", title="Month"),
            alt.Tooltip("series:N", title="Measure"),
            alt.Tooltip("shown:N", title="Value"),
        ],
    )


def describe_bridge(what: str, steps: Sequence[Step]) -> str:
    """Say the bridge in a sentence, for those who hear the page."""
    return f"{what} in USD: " + ", ".join(
        f"{step.label} {step.shown}" for step in steps
    )


def describe(
    what: str,
    series: Mapping[str, Sequence[tuple[date, int]]],
    write: Callable[[int], str] = compact,
) -> str:
    """Say where each series ends, for those who hear the page."""
    days = sorted(day for points in series.values() for day, _ in points)
    ends = ", ".join(
        f"{name} {write(points[-1][1])}" if points else f"{name} without values"
        for name, points in series.items()
    )
    if not days:
        return f"{what}: no values"
    return f"{what}, {month(days[0])} to {month(days[-1])}, ending at {ends}"


def _total(label: str, amount: int, currency: str) -> Step:
    """A bar that stands on zero."""
    shown = compact(amount, currency)
    return Step(
        label, kind="total", start=0, end=amount, shown=shown, currency=currency
    )


def _legend() -> Any:
    """Strokes rather than discs, so that the dash is seen in the legend too."""
    return alt.Legend(
        orient="bottom",
        columns=2,
        symbolType="stroke",
        symbolSize=500,
        symbolStrokeWidth=2.4,
    )


def _amounts() -> Any:
    """The axis of amounts: few ticks, no frame, the unit stands in the title."""
    return alt.Axis(format="~s", tickCount=5, domain=False, ticks=False)

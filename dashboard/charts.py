"""Charts: the ARR bridge and the four measures from signature to cash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from dashboard.formats import compact, major, month
from dashboard.overview import ArrMonth, FlowMonth

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
)


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the bridge: where it starts and ends, US dollar minor units."""

    label: str
    kind: str  # total, up or down
    start: int
    end: int
    shown: str


def bridge_steps(arr: Sequence[ArrMonth]) -> tuple[Step, ...]:
    """Lay out opening, the five movements and closing over the months given."""
    first, last = arr[0], arr[-1]
    movements = (
        ("New", sum(row.new for row in arr)),
        ("Expansion", sum(row.expansion for row in arr)),
        ("Reactivation", sum(row.reactivation for row in arr)),
        ("Contraction", sum(row.contraction for row in arr)),
        ("Churn", sum(row.churn for row in arr)),
    )
    steps = [_total(f"Opening {month(first.month)}", first.opening)]
    reached = first.opening
    for label, change in movements:
        sign = "+" if change > 0 else ""
        steps.append(
            Step(
                label=label,
                kind="down" if change < 0 else "up",
                start=reached,
                end=reached + change,
                shown=f"{sign}{compact(change)}",
            )
        )
        reached += change
    steps.append(_total(f"Closing {month(last.month)}", last.closing))
    return tuple(steps)


def bridge(steps: Sequence[Step], palette: Palette) -> Any:
    """Draw the bridge top to bottom: labels stay readable on a phone as on a wall."""
    rows = [
        {
            # The number stands with its label: it is never cut off beside its bar.
            "label": f"{step.label}\N{EM SPACE}{step.shown}",
            "kind": step.kind,
            "from": float(major(min(step.start, step.end))),
            "to": float(major(max(step.start, step.end))),
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


def flow(rows: Sequence[FlowMonth], palette: Palette) -> Any:
    """Draw the four measures, told apart by colour and by dash."""
    names = ("Bookings", "Billings", "Revenue", "Cash")
    values = [
        {
            "month": row.month.isoformat(),
            "measure": name,
            "amount": float(major(amount)),
            "shown": compact(amount),
            "when": month(row.month),
        }
        for row in rows
        for name, amount in zip(
            names, (row.bookings, row.billings, row.revenue, row.cash), strict=True
        )
    ]
    domain = list(names)
    base = alt.Chart(alt.Data(values=values)).encode(
        # Days are parsed as UTC; a local scale would show the month before.
        x=alt.X(
            "month:T",
            scale=alt.Scale(type="utc"),
            title=None,
            axis=alt.Axis(
                format="%b \N{RIGHT SINGLE QUOTATION MARK}%y",
                labelOverlap="greedy",
                grid=False,
            ),
        ),
        y=alt.Y("amount:Q", title=None, axis=_amounts()),
    )
    lines = base.mark_line(strokeWidth=2.4).encode(
        color=alt.Color(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=domain, range=list(palette.lines)),
            legend=_legend(),
        ),
        strokeDash=alt.StrokeDash(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=domain, range=_DASHES),
            legend=_legend(),
        ),
    )
    # Nobody hits a line with a pointer: unseen discs around each value answer for it.
    discs = base.mark_circle(size=240, opacity=0).encode(
        tooltip=[
            alt.Tooltip("when:N", title="Month"),
            alt.Tooltip("measure:N", title="Measure"),
            alt.Tooltip("shown:N", title="USD"),
        ]
    )
    return (lines + discs).properties(height=_HEIGHT).configure_view(stroke=None)


def describe_bridge(steps: Sequence[Step]) -> str:
    """Say the bridge in a sentence, for those who hear the page."""
    return "ARR bridge in USD: " + ", ".join(
        f"{step.label} {step.shown}" for step in steps
    )


def describe_flow(rows: Sequence[FlowMonth]) -> str:
    """Say where the four lines end, for those who hear the page."""
    first, last = rows[0], rows[-1]
    return (
        f"Four monthly lines in USD, {month(first.month)} to {month(last.month)}, "
        f"ending at bookings {compact(last.bookings)}, billings "
        f"{compact(last.billings)}, revenue {compact(last.revenue)} and cash "
        f"{compact(last.cash)}"
    )


def _total(label: str, amount: int) -> Step:
    """A bar that stands on zero."""
    return Step(label=label, kind="total", start=0, end=amount, shown=compact(amount))


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

"""Parts: what pages are made of: cards, charts, tables with their exports, links."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard import charts, tables
from dashboard.exports import to_csv, to_xlsx
from dashboard.formats import major, month, plain, short_month
from dashboard.metrics import Metric, glance, last_months
from dashboard.tables import Column
from dashboard.view import COMPANY, Row, View

SPARKLINE_MONTHS = 13
CHART_MONTHS = 24
CARD_PIXELS = 150  # two on a phone of 390
ROWS_SHOWN = 50  # each row is in the page, none is drawn on demand
# With more in a row their titles are cut off beside the navigation at 1440.
CARDS_IN_A_ROW = 4

NOT_BY_ENTITY = "These are kept by currency: choose the company or a currency."

Leads = Callable[[Row], str | None]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cards(
    view: View, metrics: Sequence[Metric], *, bars: frozenset[str] = frozenset()
) -> None:
    """Show metrics side by side, each with thirteen months and a way to trace it."""
    rows = -(-len(metrics) // CARDS_IN_A_ROW)
    columns = -(-len(metrics) // rows)
    with st.grid(columns, min_column_width=CARD_PIXELS, gap="small"):
        for metric in metrics:
            with st.container(gap=None):
                _card(view, metric, "bar" if metric.name in bars else "line")


def _card(view: View, metric: Metric, chart_type: str) -> None:
    """Show one number against the first month of its sparkline."""
    now = metric.at(view.month)
    shown = last_months(metric, SPARKLINE_MONTHS)
    if now is None:
        st.metric(
            metric.title,
            None,
            border=True,
            height="stretch",
            help=f"{plain(metric.definition)} Not kept for this choice.",
        )
        return
    before = shown[0]
    direction = "off"
    if now.value != before.value:
        direction = "up" if now.value > before.value else "down"
    st.metric(
        metric.title,
        glance(now.value, now.unit),
        # One text: a description of its own is cut off in a narrow card.
        delta=f"vs {glance(before.value, before.unit)}, {short_month(before.month)}",
        delta_arrow=direction,
        delta_color="gray",  # whether more is better is not for a colour to say
        chart_data=[float(major(each.value)) for each in shown],
        chart_type=chart_type,
        border=True,
        height="stretch",
        help=plain(metric.definition),
    )
    trace(view, metric.name, f"Trace {metric.label}")


def trace(view: View, metric: str, label: str) -> None:
    """Lead to where a number comes from."""
    page = view.pages.get("trace")
    if page is not None:
        st.page_link(
            page,
            label=label,
            icon=":material/account_tree:",
            query_params={
                "metric": metric,
                "month": f"{view.month:%Y-%m}",
                **({} if view.scope.level == COMPANY else {"scope": view.scope.name}),
            },
        )


def lines(
    view: View, title: str, metrics: Sequence[Metric], months: int = CHART_MONTHS
) -> None:
    """Draw metrics of one unit as lines."""
    series = _series(metrics, months)
    unit = next((each.values[-1].unit for each in metrics if each.values), "usd_minor")

    def write(value: int) -> str:
        return glance(value, unit)

    _chart(
        title,
        charts.lines(series, view.palette, write) if any(series.values()) else None,
        charts.describe(title, series, write),
    )


def stack(
    view: View, title: str, metrics: Sequence[Metric], months: int = CHART_MONTHS
) -> None:
    """Draw metrics in US dollars on top of one another."""
    series = _series(metrics, months)
    drawn = charts.stack(series, view.palette) if any(series.values()) else None
    _chart(title, drawn, charts.describe(title, series))


def bridge(
    view: View,
    title: str,
    *,
    opening: Metric,
    movements: Sequence[Metric],
    closing: Metric,
    months: int,
) -> None:
    """Draw how the movements of some months lead from opening to closing."""
    shown = last_months(closing, months)
    if not shown:
        _chart(title, None, title)
        return
    first, last = shown[0].month, shown[-1].month
    began = opening.at(first)
    steps = charts.bridge_steps(
        (f"Opening {month(first)}", began.value if began else 0),
        [
            (
                each.label.removesuffix(" ARR"),
                sum(value.value for value in each.values if value.month >= first),
            )
            for each in movements
        ],
        (f"Closing {month(last)}", shown[-1].value),
    )
    steps = tuple(step for step in steps if step.kind == "total" or step.shown != "0")
    _chart(
        title, charts.bridge(steps, view.palette), charts.describe_bridge(title, steps)
    )


def _series(
    metrics: Sequence[Metric], months: int
) -> Mapping[str, Sequence[tuple[date, int]]]:
    return {
        each.label: [(value.month, value.value) for value in last_months(each, months)]
        for each in metrics
    }


def _chart(title: str, drawn: Any, alt: str) -> None:
    """Place a chart with its title and its words; an empty one says so."""
    st.header(title)
    if drawn is None:
        st.caption("No values for this choice: choose another month, or the company.")
    else:
        st.altair_chart(drawn, alt=alt, width="stretch")


def table(
    title: str,
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    empty: str = "No rows for this choice.",
    shown: int = ROWS_SHOWN,
    skip_zeros: bool = False,
) -> None:
    """Show rows as a table that is wholly in the page, with a way to take them away.

    With `skip_zeros`, columns of amounts that are zero in every row are left out of the
    page, so that what matters is in sight; an export holds them.
    """
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.header(title, width="stretch")
        if rows:
            export(title, rows, columns)
    if not rows:
        st.caption(empty)
        return
    seen = [
        column
        for column in columns
        if not (skip_zeros and column.is_number)
        or any(row[column.name] for row in rows[:shown])
    ]
    st.table(
        tables.styled(rows[:shown], seen),
        hide_index=True,
        border="horizontal",
        alt=title,
    )
    if len(rows) > shown:
        st.caption(f"The first {shown:,} of {len(rows):,}; an export holds them all.")


def export(title: str, rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """Offer rows as CSV and as a spreadsheet, made when somebody asks for them."""
    name = "".join(each if each.isalnum() else "_" for each in title.lower())

    def making(write: Callable[[list[list[Any]]], bytes]) -> Callable[[], bytes]:
        return lambda: write(tables.values(rows, columns))

    with st.popover("Export", icon=":material/download:", help=f"Export {title}"):
        for suffix, mime, write in (
            ("csv", "text/csv", to_csv),
            ("xlsx", _XLSX, to_xlsx),
        ):
            st.download_button(
                suffix.upper(),
                making(write),
                file_name=f"{name}.{suffix}",
                mime=mime,
                key=f"{name}.{suffix}",
                on_click="ignore",
            )


def to_customer(row: Row) -> str | None:
    """Lead to a customer's page."""
    known = row["customer_id"]
    return f"customer?id={known}" if known else None


def to_record(view: View, system: str, kind: str, name: str) -> Leads:
    """Lead to a record in its system; `system` is a column of the row, or its name."""
    return lambda row: view.record_url(str(row.get(system, system)), kind, row[name])

"""The page: revenue, how it moved, and how far each number can be trusted.

Started with `python -m streamlit run dashboard/app.py` from the root of the checkout.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import charts, tables
from dashboard.formats import (
    compact,
    count,
    day,
    instant,
    major,
    month,
    percent,
    plain,
    short_month,
)
from dashboard.overview import Overview, load
from dashboard.published import PublicationError, current, published_folder

FAVICON = Path(__file__).parent / "favicon.svg"

# No month is locked by anybody yet: every number shown may still change.
CLOSE_STATUS = "open"

# Systems are loaded once a day; two hours are for the run itself.
FRESH_FOR = timedelta(hours=26)

SPARKLINE_MONTHS = 13
BRIDGE_MONTHS = 12
FLOW_MONTHS = 18
MOVEMENTS_SHOWN = 12
BREAKS_SHOWN = 200  # each row is in the page, none is drawn on demand
CARD_PIXELS = 165  # two side by side on a phone of 390
LOOK_AGAIN_SECONDS = 60


def main() -> None:
    """Show the current publication, or the one sentence that says what is missing."""
    st.set_page_config(
        page_title="Concord · Revenue",
        page_icon=str(FAVICON),
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    folder = published_folder()
    with (
        st.container(horizontal_alignment="center"),
        st.container(width=1280),
    ):
        try:
            overview = load(current(folder))
        except PublicationError as error:
            st.title("Revenue overview")
            # Only our own words hold backticks: they set the command apart.
            sentence = plain(str(error)).replace(r"\`", "`")
            st.error(sentence, icon=":material/error:")
            _look_again(folder, shown=None)
            return
        _show(overview)
    _look_again(folder, shown=overview.publication.file)


def _show(overview: Overview) -> None:
    """Lay the page out: trust first, then numbers, then what is behind them."""
    st.title("Revenue overview")
    _trust_bar(overview, datetime.now(UTC))
    _cards(overview)
    _charts(overview)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        _movements(overview)
    with right, st.container(border=True, height="stretch"):
        _repairs(overview)
    with st.container(border=True):
        _checks(overview)
    with st.container(border=True):
        _breaks(overview)
    publication = overview.publication
    st.caption(
        f"Published {instant(publication.published_at)} as "
        f"{plain(publication.file.name)} by run "
        f"{plain(publication.run_id)}. Amounts in USD at the budget rate."
    )


def _trust_bar(overview: Overview, now: datetime) -> None:
    """Say how far the numbers can be trusted, before any number."""
    ties = sum(check.open == 0 for check in overview.checks)
    late = [
        source.system
        for source in overview.sources
        if now - source.loaded_at > FRESH_FOR
    ]
    fresh = len(overview.sources) - len(late)
    risk = sum(check.difference for check in overview.checks)
    with st.container(horizontal=True, gap="small"):
        st.badge(
            f"As of {day(overview.publication.as_of)} · close: {CLOSE_STATUS}",
            icon=":material/event:",
            color="gray",
        )
        st.badge(
            f"{ties}/{len(overview.checks)} checks tie out",
            icon=":material/balance:",
            color="green" if ties == len(overview.checks) else "orange",
        )
        st.badge(
            count(len(overview.breaks), "open break"),
            icon=":material/link_off:" if overview.breaks else ":material/link:",
            color="red" if overview.breaks else "green",
        )
        if risk:
            st.badge(
                f"USD {compact(risk)} at risk", icon=":material/payments:", color="red"
            )
        st.badge(
            f"{fresh}/{len(overview.sources)} sources fresh"
            + (f" · {', '.join(late)} late" if late else ""),
            icon=":material/schedule:",
            color="orange" if late else "green",
        )


def _cards(overview: Overview) -> None:
    """Show the six numbers, each with thirteen months and the value it came from."""
    arr = [(row.month, row.closing) for row in overview.arr]
    net_new = [(row.month, row.net_new) for row in overview.arr]
    net = [(row.month, row.net) for row in overview.retention if row.net is not None]
    gross = [
        (row.month, row.gross) for row in overview.retention if row.gross is not None
    ]
    revenue = [(row.month, row.revenue) for row in overview.flow]
    cash = [(row.month, row.cash) for row in overview.flow]
    with st.grid(6, min_column_width=CARD_PIXELS, gap="small"):
        _card("ARR, USD", arr, compact, "area")
        _card("Net new ARR, USD", net_new, compact, "bar")
        _card("NRR, 12 months", net, percent, "line")
        _card("GRR, 12 months", gross, percent, "line")
        _card("Revenue, USD", revenue, compact, "bar")
        _card("Cash collected, USD", cash, compact, "bar")


def _card(
    label: str,
    series: Sequence[tuple[date, int]],
    write: Callable[[int], str],
    chart_type: str,
) -> None:
    """Show one number against the first month of its sparkline."""
    shown = series[-SPARKLINE_MONTHS:]
    if not shown:
        st.metric(label, None, border=True, height="stretch")
        return
    (then, before), (_, value) = shown[0], shown[-1]
    direction, color = "off", "gray"
    if value != before:
        direction, color = ("up", "green") if value > before else ("down", "red")
    st.metric(
        label,
        write(value),
        delta=f"vs {write(before)}",
        delta_arrow=direction,
        delta_color=color,
        delta_description=short_month(then),
        chart_data=[float(major(number)) for _, number in shown],
        chart_type=chart_type,
        border=True,
        height="stretch",
    )


def _charts(overview: Overview) -> None:
    """Draw the bridge and, beside it, the way from signature to cash."""
    palette = charts.DARK if st.context.theme.type == "dark" else charts.LIGHT
    left, right = st.columns(2, gap="small")
    arr = overview.arr[-BRIDGE_MONTHS:]
    with left, st.container(border=True, height="stretch"):
        st.subheader("ARR bridge, last 12 months, USD")
        if arr:
            steps = charts.bridge_steps(arr)
            _draw(charts.bridge(steps, palette), charts.describe_bridge(steps))
    rows = overview.flow[-FLOW_MONTHS:]
    with right, st.container(border=True, height="stretch"):
        st.subheader("Bookings → billings → revenue → cash, USD")
        if rows:
            _draw(charts.flow(rows, palette), charts.describe_flow(rows))


def _draw(chart: Any, alt: str) -> None:
    """Place a chart and say it in words."""
    st.altair_chart(chart, alt=alt, width="stretch")


def _movements(overview: Overview) -> None:
    """List what moved ARR in the last month."""
    if not overview.arr:
        return
    title = f"Movements behind {month(overview.arr[-1].month)}, USD"
    st.subheader(title, anchor="movements")
    rows = overview.movements[:MOVEMENTS_SHOWN]
    _table(tables.movements(rows), title)
    if len(rows) < len(overview.movements):
        st.caption(
            f"The {len(rows)} largest of {count(len(overview.movements), 'movement')}."
        )


def _checks(overview: Overview) -> None:
    """List every check and how it came out."""
    st.subheader("Do the systems agree?", anchor="checks")
    _table(
        tables.checks(overview.checks),
        "Reconciliation checks with breaks, explained breaks and owner",
    )


def _breaks(overview: Overview) -> None:
    """List what is open and which repair is proposed, then what repairs were made."""
    st.subheader("Open breaks and where their repair waits", anchor="breaks")
    if overview.breaks:
        _table(
            tables.repairs(overview.checks, overview.breaks),
            "Open breaks by check, proposed repair and where it waits",
        )
        with st.expander(f"{count(len(overview.breaks), 'open break')}, one by one"):
            rows = overview.breaks[:BREAKS_SHOWN]
            _table(tables.breaks(rows), "Open breaks one by one")
            if len(rows) < len(overview.breaks):
                st.caption(f"The first {len(rows)} of {len(overview.breaks):,}.")
    else:
        st.success("Every difference is explained.", icon=":material/verified:")


def _repairs(overview: Overview) -> None:
    """Count the changes that were written back or wait to be."""
    st.subheader("Repairs written back", anchor="repairs")
    if overview.changes:
        _table(
            tables.changes(overview.changes),
            "Changes per system and object: planned, waiting and done",
        )
    else:
        st.caption("Nothing was written back yet.")


def _table(styled: Any, alt: str) -> None:
    """Place a table that is wholly in the page, and name it for those who hear it."""
    st.table(styled, hide_index=True, border="horizontal", alt=alt)


def _look_again(folder: Path, shown: Path | None) -> None:
    """Show a newer publication without a reload: the page may stay open all day."""

    def look() -> None:
        try:
            newest: Path | None = current(folder).file
        except PublicationError:
            newest = None
        if newest != shown:
            st.rerun()

    st.fragment(look, run_every=LOOK_AGAIN_SECONDS)()


main()

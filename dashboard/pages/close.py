"""Close: what has to be true before a month is closed, and whose books are."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from dashboard import bridge, parts, tables, trust
from dashboard.formats import count, month
from dashboard.pack.compose import compose
from dashboard.pack.paper import NoPaperError, to_pdf
from dashboard.view import Row, View

TITLE = "Close"
PATH = "close"
ICON = ":material/lock:"
FILTERS = ("month",)

_PERIODS = """
    select fiscal_periods.*, legal_entities.name as entity
    from canonical.fiscal_periods
    left join canonical.legal_entities using (legal_entity_code)
    where starts_on <= ? and ends_before > ?
    order by legal_entity_code, is_adjustment, name
"""


def show(view: View) -> None:
    """Draw the page."""
    said = trust.load(view.connection, view.month)
    gaps = bridge.gaps(view.connection, view.month)
    with st.container(border=True):
        _checklist(_steps(view, said, gaps), view)
    with st.container(border=True):
        _unexplained(view, gaps)
    with st.container(border=True):
        parts.table(
            f"Books of {month(view.month)} by entity",
            view.rows(_PERIODS, view.month, view.month),
            (
                tables.text("Entity", "legal_entity_code"),
                tables.text("Name", "entity", rem=10),
                tables.text("Period", "name"),
                tables.flag("Kind", "is_adjustment", "adjustments", "month"),
                tables.code("Status", "status"),
                tables.at("First seen closed", "closed_at"),
            ),
            empty="No ERP has a period of this month: load its calendar first.",
        )
    with st.container(border=True):
        parts.table(
            "Restated since the month closed, USD",
            view.rows(trust.RESTATED, view.month),
            (
                tables.text("Product", "product_id"),
                tables.text("Entity", "legal_entity_code"),
                tables.link("Customer", "customer", parts.to_customer, rem=10),
                tables.usd("ARR then", "then_usd_minor"),
                tables.usd("ARR now", "now_usd_minor"),
                tables.on("Recorded", "recorded_on"),
            ),
            empty="Nothing was restated since, or the month was not recorded yet.",
        )
    with st.container(border=True):
        _board_pack(view)


def _board_pack(view: View) -> None:
    """Offer the month's pack, laid out when somebody asks for it."""
    st.header("Board pack", anchor="board-pack")
    st.caption(
        f"Seven pages of {month(view.month)} with what they can be trusted for. The "
        "same snapshot makes the same files; `concord export board-pack` writes them "
        "too, and who took them into the audit chain."
    )
    if not st.button("Prepare the board pack", icon=":material/description:"):
        return
    with st.spinner("Laying out seven pages …"):
        chosen, page = compose(view.publication, view.connection, view.month)
        files = {"html": ("text/html", page.encode())}
        try:
            files["pdf"] = ("application/pdf", to_pdf(page))
        except NoPaperError as error:
            st.warning(str(error), icon=":material/print_disabled:")
    with st.container(horizontal=True):
        for suffix, (mime, content) in files.items():
            st.download_button(
                f"Download {suffix.upper()}",
                content,
                file_name=f"board-pack-{chosen:%Y-%m}.{suffix}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
            )


def _unexplained(view: View, gaps: Sequence[bridge.Gap]) -> None:
    """Name what the bridge leaves open in the month, and what to do about it."""
    parts.table(
        f"Unexplained from bookings to the ledger in {month(view.month)}",
        [{**asdict(gap), "title": gap.title, "remedy": gap.remedy} for gap in gaps],
        (
            tables.text("Hand-off", "title", rem=10),
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Unexplained", "amount_minor"),
            tables.number("Items", "items_count"),
            tables.text("Most of it at", "largest", rem=8),
            tables.text("What to do", "remedy", rem=14),
        ),
        empty="Nothing: `concord close` will take the month.",
    )


def _steps(view: View, said: trust.Trust, gaps: Sequence[bridge.Gap]) -> Sequence[Row]:
    """Say of each step whether it is done, and what is left."""
    late = said.late(view.now)
    checks = len(said.checks)
    return [
        _step(
            "Sources are complete",
            is_done=not late and bool(said.sources),
            left=f"late: {', '.join(late)}" if late else "no source was loaded yet",
        ),
        _step(
            "Checks tie out",
            is_done=said.ties == checks and checks > 0,
            left=f"{checks - said.ties} of {checks} do not, {said.idle} did not run",
        ),
        _step(
            "Breaks are repaired or explained",
            is_done=said.open_breaks == 0,
            left=count(said.open_breaks, "open break"),
        ),
        _step(
            "The bridge explains every difference",
            is_done=not gaps and bridge.months(view.connection) is not None,
            left=(
                f"unexplained in {count(len(gaps), 'place')}, named below"
                if gaps
                else "there is no bridge yet"
            ),
        ),
        _step(
            "Books are closed in every entity",
            is_done=said.close_status == "closed",
            left=f"status: {said.close_status}",
        ),
    ]


def _step(what: str, *, is_done: bool, left: str) -> Row:
    return {
        "what": what,
        "state": "✓ done" if is_done else "△ open",
        "left": None if is_done else left,
    }


def _checklist(rows: Sequence[Row], view: View) -> None:
    parts.table(
        f"Before {month(view.month)} is closed",
        rows,
        (
            tables.text("State", "state", rem=5),
            tables.text("Step", "what", rem=12),
            tables.text("What is left", "left", rem=8),
        ),
    )

"""Trust: checks, open breaks, what is written back, how it operates, who owns what."""

import streamlit as st

from dashboard import controls, operating, parts, tables, trust
from dashboard.formats import count
from dashboard.view import View

TITLE = "Trust"
PATH = "trust"
ICON = ":material/verified:"
FILTERS: tuple[str, ...] = ()

BREAKS_SHOWN = 200
STREAMS_SHOWN = 200
FIELDS_SHOWN = 200

# Of a system that is not connected there is nothing that could be fresh.
_FRESHNESS = """
    select * from operations.freshness
    where
        system in (
            select system from operations.freshness where loaded_at is not null
        )
    order by system, stream
"""
_HELD = "select * from marts.held_totals order by reason_code, entity, currency"
_OWNERSHIP = "select * from published.ownership order by entity, field"


def show(view: View) -> None:
    """Draw the page."""
    said = trust.load(view.connection, view.month)
    with st.container(border=True):
        st.header("Do the systems agree?", anchor="checks")
        _placed(
            controls.checks(said.checks),
            "Reconciliation checks with breaks, explained breaks and owner",
        )
    with st.container(border=True):
        _breaks(view, said)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        st.header("Repairs written back", anchor="repairs")
        changes = trust.changes(view.connection)
        if changes:
            _placed(
                controls.changes(changes),
                "Changes per system and object: planned, waiting and done",
            )
        else:
            st.caption("Nothing was written back yet.")
    with right, st.container(border=True, height="stretch"):
        _held(view)
    with st.container(border=True):
        operating.figures(view)
    with st.container(border=True):
        _freshness(view)
    with st.container(border=True):
        _ownership(view)


def _breaks(view: View, said: trust.Trust) -> None:
    """List what is open and which repair is proposed."""
    st.header("Open breaks and where their repair waits", anchor="breaks")
    if not said.open_breaks:
        st.success("Every difference is explained.", icon=":material/verified:")
        return
    rows = trust.breaks(view.connection, BREAKS_SHOWN)
    _placed(
        controls.repairs(said.checks, trust.proposals(view.connection)),
        "Open breaks by check, proposed repair and where it waits",
    )
    with st.expander(f"{count(said.open_breaks, 'open break')}, one by one"):
        _placed(controls.breaks(rows), "Open breaks one by one")
        if len(rows) < said.open_breaks:
            st.caption(f"The first {len(rows)} of {said.open_breaks:,}.")


def _held(view: View) -> None:
    """Show what waits outside the numbers, and why."""
    parts.table(
        "Records held outside the numbers",
        view.rows(_HELD),
        (
            tables.code("Reason", "reason_code", rem=8),
            tables.code("Kind", "entity"),
            tables.number("Records", "held_rows"),
            tables.text("Currency", "currency"),
            tables.money("Amount", "amount_minor"),
        ),
        empty="No record is held: everything that came is in the numbers.",
    )


def _freshness(view: View) -> None:
    """Show how many rows each stream has and when it last brought some."""
    parts.table(
        "Freshness by stream",
        view.rows(_FRESHNESS),
        (
            tables.text("System", "system"),
            tables.text("Stream", "stream"),
            tables.number("Rows", "rows"),
            tables.at("Last new rows", "loaded_at"),
        ),
        empty="No system was loaded yet: run `concord run`.",
        shown=STREAMS_SHOWN,
    )


def _ownership(view: View) -> None:
    """Show whose value of each field wins, and who receives it."""
    parts.table(
        "Who owns which field",
        view.rows(_OWNERSHIP),
        (
            tables.code("Entity", "entity"),
            tables.text("Field", "field"),
            tables.text("Owner", "owner"),
            tables.text("Then", "followers"),
            tables.text("Written to", "receivers", rem=12),
            tables.flag("Approval", "approval", "needed", "none"),
        ),
        shown=FIELDS_SHOWN,
    )


def _placed(styled: object, alt: str) -> None:
    """Place a table that is wholly in the page, and name it for those who hear it."""
    st.table(styled, hide_index=True, border="horizontal", alt=alt)

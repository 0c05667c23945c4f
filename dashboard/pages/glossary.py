"""Glossary: what each number means, from the one place that defines it."""

import streamlit as st

from dashboard import parts, tables
from dashboard.view import Row, View

TITLE = "Glossary"
PATH = "glossary"
ICON = ":material/menu_book:"
FILTERS: tuple[str, ...] = ()

_METRICS = """
    select
        *,
        case when definition like '%A balance.%' then 'balance' else 'activity' end
            as behaviour
    from published.metrics
    order by area, label, metric
"""


def show(view: View) -> None:
    """Draw the page, one table per area."""
    areas: dict[str, list[Row]] = {}
    for row in view.rows(_METRICS):
        areas.setdefault(row["area"], []).append(row)
    if not areas:
        st.info("No metric is published yet: run the loop first (`concord run`).")
    for area, rows in areas.items():
        with st.container(border=True):
            parts.table(
                area,
                rows,
                (
                    tables.link("Metric", "label", _to_trace, rem=8),
                    tables.text("Definition", "definition", rem=16),
                    tables.text("Kind", "behaviour"),
                    tables.text("Unit", "unit", rem=6),
                ),
            )


def _to_trace(row: Row) -> str:
    return f"trace?metric={row['metric']}"

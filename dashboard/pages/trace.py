"""Trace: one number, what it means, what it is made of, down to the source records."""

from collections.abc import Sequence

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month, plain
from dashboard.metrics import metrics, written
from dashboard.pages.quote_to_cash import invoices
from dashboard.pages.revenue import AGES, overdue
from dashboard.view import COMPANY, Row, View

TITLE = "Trace a number"
PATH = "trace"
ICON = ":material/account_tree:"
FILTERS = ("month", "currency", "legal_entity", "segment")

# Which column of the movements, by customer, adds up to a metric.
BY_CUSTOMER = {
    "arr": "closing",
    "opening_arr": "opening",
    "new_arr": "new",
    "expansion_arr": "expansion",
    "reactivated_arr": "reactivation",
    "contraction_arr": "contraction",
    "churned_arr": "churn",
}
INVOICED = ("billings", "trailing_billings", "calculated_billings")
OWED = ("receivables", *AGES)

_METRICS = "select metric, label from published.metrics order by label, metric"
_LEVELS = """
    select level, level_value, value, unit, policy_version
    from marts.metric_values
    where metric = ? and month = ?
    order by level, level_value
"""
_HISTORY = """
    select month, value, unit from marts.metric_values
    where metric = ? and level = ? and level_value = ? and month <= ?
    order by month desc
"""
_CUSTOMERS = """
    select
        customer_id,
        coalesce(legal_name, customer_id) as customer,
        product_id,
        legal_entity_code,
        movements.currency,
        {column}_minor as amount_minor,
        {column}_usd_minor as amount_usd_minor
    from marts.arr_movements as movements
    left join canonical.customers using (customer_id)
    where month = ? and {column}_usd_minor <> 0 and {condition}
    order by abs({column}_usd_minor) desc, customer_id, product_id, legal_entity_code
"""


def show(view: View) -> None:
    """Draw what is known of the number that the address names."""
    names = {row["metric"]: row["label"] for row in view.rows(_METRICS)}
    if not names:
        st.info("No metric is published yet: run the loop first (`concord run`).")
        return
    name = st.selectbox(
        "Number",
        list(names),
        index=list(names).index("arr") if "arr" in names else 0,
        key="metric",
        bind="query-params",
    )
    found = metrics(view, name)[name]
    now = found.at(view.month)
    rows = view.rows(_LEVELS, name, view.month)
    version = rows[0]["policy_version"] if rows else None
    shown = written(now.value, now.unit) if now else None
    left, right = st.columns([1, 2], gap="small")
    with left:
        st.metric(found.title, shown, border=True, height="stretch")
    with right, st.container(border=True, height="stretch"):
        st.markdown(plain(found.definition))
        st.caption(
            f"{plain(view.scope.name.capitalize())}, {month(view.month)} · metric "
            f"{plain(name)}, version {version or tables.NONE} of its definition"
        )
    if now is None:
        st.warning(
            "There is no such number for this choice: choose another month, or the "
            "company. A ratio over nothing has no value.",
            icon=":material/help:",
        )
    with st.container(border=True):
        _levels(rows)
    with st.container(border=True):
        _made_of(view, name)
    with st.container(border=True):
        _history(view, name)


def _levels(rows: Sequence[Row]) -> None:
    """Show the same number by currency, entity and segment, as they were published."""
    parts.table(
        "The same number by currency, entity and segment",
        [
            {
                **row,
                "of": "company" if row["level"] == COMPANY else row["level_value"],
                "by": row["level"].replace("_", " "),
            }
            for row in rows
        ],
        (
            tables.text("Level", "by"),
            tables.text("Of", "of"),
            tables.unit("Value", "value"),
        ),
        empty="There is none in this month.",
    )


def _made_of(view: View, name: str) -> None:
    """Show the rows that add up to the number, or the documents behind it."""
    if name in BY_CUSTOMER:
        column = BY_CUSTOMER[name]
        condition, values = view.scope.condition(
            currency="movements.currency",
            entity="legal_entity_code",
            segment="customers.segment",
        )
        rows = view.rows(
            _CUSTOMERS.format(column=column, condition=condition), view.month, *values
        )
        parts.table(
            "Made of these contracts' customers and products",
            rows,
            (
                tables.link("Customer", "customer", parts.to_customer, rem=10),
                tables.text("Product", "product_id"),
                tables.text("Entity", "legal_entity_code"),
                tables.text("Currency", "currency"),
                tables.money("Amount", "amount_minor"),
                tables.usd("USD", "amount_usd_minor"),
            ),
            empty="Nothing adds to it in this month.",
            shown=parts.ROWS_SHOWN,
        )
        st.caption(
            f"All {len(rows):,} rows, which the export holds, add up to the number, to"
            " the cent."
        )
    elif name in INVOICED:
        invoices(view)
    elif name in OWED:
        overdue(view)
    else:
        st.header("What it is made of")
        st.caption(
            "This number is not kept by customer: the pages of its area list the "
            "documents behind it."
        )


def _history(view: View, name: str) -> None:
    """Show the number month by month."""
    parts.table(
        "Month by month",
        view.rows(
            _HISTORY,
            name,
            view.scope.level,
            "all" if view.scope.level == COMPANY else view.scope.member,
            view.month,
        ),
        (tables.of_month("Month", "month"), tables.unit("Value", "value")),
        empty="There are no months with this number.",
        shown=24,
    )

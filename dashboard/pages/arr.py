"""ARR: its movements, month by month, and which customers made them, and why."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.pages.overview import MOVEMENTS
from dashboard.view import COMPANY, SEGMENT, Row, View

TITLE = "ARR and movements"
PATH = "arr"
ICON = ":material/stacked_bar_chart:"
FILTERS = ("month", "currency", "legal_entity", "segment")

CONSTANT, REPORTED = "constant", "reported"
CARDS = (
    "arr",
    "net_new_arr",
    "carr",
    "customers",
    "arr_per_customer",
    "quick_ratio",
)

_STEPS = (
    ("Opening", "opening"),
    ("New", "new"),
    ("Expansion", "expansion"),
    ("Reactivation", "reactivation"),
    ("Resumed", "resume"),
    ("Contraction", "contraction"),
    ("Paused", "pause"),
    ("Churn", "churn"),
    ("Transferred in", "transfer_in"),
    ("Transferred out", "transfer_out"),
    ("Exchange rates", "fx"),
    ("Closing", "closing"),
)

_ROLLED = """
    select * from marts.arr_rollups_monthly
    where level = ? and member = ? and month <= ?
    order by month desc
"""
_MEMBERS = """
    select * from marts.arr_rollups_monthly
    where level = ? and month = ?
    order by closing_usd_minor desc, member
"""
# Neither currencies nor segments are rolled up at reported rates.
_PUBLISHED = """
    select month, metric, value from marts.metric_values
    where level = ? and level_value = ? and month <= ? and list_contains(?, metric)
"""
_SEGMENTS = """
    select level_value as segment, metric, value from marts.metric_values
    where level = 'segment' and month = ? and list_contains(?, metric)
    order by level_value
"""
_CAUSES = """
    select
        customer_id,
        coalesce(legal_name, customer_id) as customer,
        product_id,
        movement,
        cause,
        causes.currency,
        amount_minor,
        amount_usd_minor,
        amount_reported_usd_minor
    from marts.arr_movement_causes as causes
    left join canonical.customers using (customer_id)
    where month = ? and {condition}
    order by abs(amount_usd_minor) desc, customer_id, product_id, movement, cause
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *CARDS, *MOVEMENTS)
    parts.cards(view, [found[name] for name in CARDS], bars=frozenset({"net_new_arr"}))
    with st.container(border=True):
        parts.stack(
            view, "Movements by month, USD", [found[name] for name in MOVEMENTS]
        )
    rates = st.segmented_control(
        "US dollars at",
        [CONSTANT, REPORTED],
        default=CONSTANT,
        required=True,
        key="rates",
        bind="query-params",
        help="constant: the budget rate of the year, so that only business moves ARR."
        " reported: the rates of the months' ends, with what they moved by themselves.",
    )
    with st.container(border=True):
        _roll_forward(view, str(rates))
    if view.scope.level == COMPANY:
        _parts(view, str(rates))
    with st.container(border=True):
        _causes(view, str(rates))


def _parts(view: View, rates: str) -> None:
    """Show the company by product, by entity and by segment."""
    left, right = st.columns(2, gap="small")
    for place, level, title in (
        (left, "product", "By product"),
        (right, "legal_entity", "By entity"),
    ):
        with place, st.container(border=True, height="stretch"):
            _members(view, rates, level, title)
    with st.container(border=True):
        _segments(view)


def _roll_forward(view: View, rates: str) -> None:
    """Show that opening and movements are closing, in each month."""
    if view.scope.level in {"currency", SEGMENT}:
        rows = view.rows(
            _PUBLISHED, view.scope.level, view.scope.member, view.month, _NAMES
        )
        parts.table(
            f"Roll-forward of ARR in {view.scope.member}, USD at constant rates",
            _beside(rows, "month", _NAMES)[::-1],
            (
                tables.of_month("Month", "month"),
                *(
                    tables.usd(name.removesuffix("_arr").capitalize(), name)
                    for name in _NAMES
                ),
            ),
            skip_zeros=True,
        )
        return
    parts.table(
        f"Roll-forward of ARR, USD at {rates} rates",
        view.rows(
            _ROLLED,
            view.scope.level,
            "all" if view.scope.level == COMPANY else view.scope.member,
            view.month,
        ),
        (tables.of_month("Month", "month"), *_steps(rates)),
        skip_zeros=True,
    )


_NAMES = ["opening_arr", *MOVEMENTS, "arr"]
_OF_SEGMENT = ["opening_arr", "arr", "customers", "nrr", "grr"]


def _beside(rows: list[Row], key: str, names: Sequence[str]) -> list[Row]:
    """Set published numbers of one month or segment beside one another, in order."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        empty = {key: row[key], **dict.fromkeys(names)}
        found.setdefault(row[key], empty)[row["metric"]] = row["value"]
    return [found[each] for each in sorted(found)]


def _segments(view: View) -> None:
    """Show what each segment has and keeps, and lead to its own page."""
    parts.table(
        f"By segment, {month(view.month)}, USD at constant rates",
        _beside(view.rows(_SEGMENTS, view.month, _OF_SEGMENT), "segment", _OF_SEGMENT),
        (
            tables.link(
                "Segment",
                "segment",
                lambda row: (
                    f"arr?month={view.month:%Y-%m}"
                    f"&scope={quote('segment ' + row['segment'])}"
                ),
                rem=10,
            ),
            tables.usd("Opening", "opening_arr"),
            tables.usd("Closing", "arr"),
            tables.number("Customers", "customers"),
            tables.share("NRR", "nrr"),
            tables.share("GRR", "grr"),
        ),
        empty="No customer has a segment.",
    )


def _members(view: View, rates: str, level: str, title: str) -> None:
    """Show closing and what moved it, by product or entity, of the whole company."""
    kind = "_reported" if rates == REPORTED else ""
    parts.table(
        f"{title}, {month(view.month)}, USD at {rates} rates",
        view.rows(_MEMBERS, level, view.month),
        (
            tables.text("Product" if level == "product" else "Entity", "member"),
            tables.usd("Opening", f"opening{kind}_usd_minor"),
            tables.usd("Closing", f"closing{kind}_usd_minor"),
            tables.number("Customers", "customers_count"),
        ),
    )


def _causes(view: View, rates: str) -> None:
    """List the movements of the month with their customer, product and cause."""
    condition, values = view.scope.condition(
        currency="causes.currency",
        entity="legal_entity_code",
        segment="customers.segment",
    )
    parts.table(
        f"Movements of {month(view.month)} and their causes",
        view.rows(_CAUSES.format(condition=condition), view.month, *values),
        (
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.text("Product", "product_id"),
            tables.code("Movement", "movement"),
            tables.code("Cause", "cause"),
            tables.text("Currency", "currency"),
            tables.money("Amount", "amount_minor"),
            tables.usd(
                f"USD, {rates}",
                "amount_reported_usd_minor"
                if rates == REPORTED
                else "amount_usd_minor",
            ),
        ),
        empty="Nothing moved ARR in this month.",
    )


def _steps(rates: str) -> tuple[tables.Column, ...]:
    kind = "_reported" if rates == REPORTED else ""
    return tuple(
        tables.usd(title, f"{name}{kind}_usd_minor")
        for title, name in _STEPS
        if name != "fx" or rates == REPORTED
    )

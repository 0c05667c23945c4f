"""ARR: its movements, month by month, and which customers made them, and why."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.pages.overview import MOVEMENTS
from dashboard.view import COMPANY, View

TITLE = "ARR and movements"
PATH = "arr"
ICON = ":material/stacked_bar_chart:"
FILTERS = ("month", "scope")

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
_BY_CURRENCY = """
    select month, metric, value from marts.metric_values
    where level = 'currency' and level_value = ? and month <= ?
        and list_contains(?, metric)
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
    left, right = st.columns(2, gap="small")
    for place, level, title in (
        (left, "product", "By product"),
        (right, "legal_entity", "By entity"),
    ):
        with place, st.container(border=True, height="stretch"):
            _members(view, str(rates), level, title)
    with st.container(border=True):
        _causes(view, str(rates))


def _roll_forward(view: View, rates: str) -> None:
    """Show that opening and movements are closing, in each month."""
    if view.scope.level == "currency":
        rows = view.rows(_BY_CURRENCY, view.scope.member, view.month, _NAMES)
        by_month: dict[object, dict[str, object]] = {}
        for row in rows:
            empty = {"month": row["month"], **dict.fromkeys(_NAMES)}
            by_month.setdefault(row["month"], empty)[row["metric"]] = row["value"]
        parts.table(
            f"Roll-forward of ARR in {view.scope.member}, USD at constant rates",
            [by_month[key] for key in sorted(by_month, reverse=True)],  # type: ignore[type-var]
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
        currency="causes.currency", entity="legal_entity_code"
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

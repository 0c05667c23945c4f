"""Overview: six numbers, how ARR moved, and the way from signature to cash."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Revenue overview"
PATH = "overview"
ICON = ":material/monitoring:"
FILTERS = ("month", "currency", "legal_entity", "segment")

BRIDGE_MONTHS = 12
FLOW_MONTHS = 18
MOVEMENTS_SHOWN = 12

CARDS = ("arr", "net_new_arr", "nrr", "grr", "recognized_revenue", "cash_collected")
MOVEMENTS = (
    "new_arr",
    "expansion_arr",
    "reactivated_arr",
    "contraction_arr",
    "churned_arr",
    "paused_arr",
    "transferred_arr",
)
FLOW = ("booked_tcv", "billings", "recognized_revenue", "cash_collected")

_CUSTOMERS = """
    select
        member as customer_id,
        coalesce(legal_name, member) as customer,
        opening_usd_minor,
        new_usd_minor,
        reactivation_usd_minor,
        expansion_usd_minor,
        contraction_usd_minor,
        churn_usd_minor,
        closing_usd_minor
    from marts.arr_rollups_monthly
    left join canonical.customers on customer_id = member
    where level = 'customer' and month = ? and opening_usd_minor <> closing_usd_minor
        and {condition}
    order by abs(closing_usd_minor - opening_usd_minor) desc, member
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *CARDS, *MOVEMENTS, *FLOW, "opening_arr")
    bars = frozenset({"net_new_arr", "recognized_revenue", "cash_collected"})
    parts.cards(view, [found[name] for name in CARDS], bars=bars)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        parts.bridge(
            view,
            "ARR bridge, last 12 months, USD",
            opening=found["opening_arr"],
            movements=[found[name] for name in MOVEMENTS],
            closing=found["arr"],
            months=BRIDGE_MONTHS,
        )
    with right, st.container(border=True, height="stretch"):
        parts.lines(
            view,
            "Bookings → billings → revenue → cash, USD",
            [found[name] for name in FLOW],
            FLOW_MONTHS,
        )
    condition, values = view.scope.condition(segment="customers.segment")
    with st.container(border=True):
        parts.table(
            f"Customers whose ARR moved in {month(view.month)}, USD",
            view.rows(_CUSTOMERS.format(condition=condition), view.month, *values),
            (
                tables.link("Customer", "customer", parts.to_customer, rem=10),
                tables.usd("Opening", "opening_usd_minor"),
                tables.usd("New", "new_usd_minor"),
                tables.usd("Reactivation", "reactivation_usd_minor"),
                tables.usd("Expansion", "expansion_usd_minor"),
                tables.usd("Contraction", "contraction_usd_minor"),
                tables.usd("Churn", "churn_usd_minor"),
                tables.usd("Closing", "closing_usd_minor"),
            ),
            empty="No customer's ARR moved in this month. Whole customers are kept for "
            "the company and by segment, not by currency or entity.",
            shown=MOVEMENTS_SHOWN,
            skip_zeros=True,
        )

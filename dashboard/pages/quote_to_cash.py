"""Bookings to cash: what was signed, billed, earned and paid, down to each document."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Bookings to cash"
PATH = "quote-to-cash"
ICON = ":material/conversion_path:"
FILTERS = ("month", "scope")

CARDS = ("booked_tcv", "billings", "recognized_revenue", "cash_collected")
BOOKED = ("booked_new_arr", "booked_expansion_arr", "booked_renewal_arr")

_FLOW = """
    select * from marts.quote_to_cash_monthly
    where month <= ? and {condition}
    order by month desc, currency
"""
_BOOKINGS = """
    select * from marts.bookings_monthly where month = ? and {condition}
    order by booking_type, currency
"""
_INVOICES = """
    select
        invoices.*,
        coalesce(legal_name, customer_id) as customer
    from canonical.invoices
    left join canonical.customers using (customer_id)
    where date_trunc('month', issued_on) = ? and {condition}
    order by issued_on desc, invoice_id
    limit 1000
"""
_PAYMENTS = """
    select
        payments.*,
        invoices.number,
        coalesce(legal_name, payments.customer_id) as customer
    from canonical.payments
    left join canonical.customers using (customer_id)
    left join canonical.invoices using (billing_system, invoice_id)
    where date_trunc('month', payments.paid_on) = ? and {condition}
    order by payments.paid_on desc, payment_id
    limit 1000
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *CARDS, *BOOKED)
    parts.cards(view, [found[name] for name in CARDS], bars=frozenset(CARDS))
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        parts.lines(
            view,
            "Bookings → billings → revenue → cash, USD",
            [found[name] for name in CARDS],
        )
    with right, st.container(border=True, height="stretch"):
        parts.stack(view, "Bookings by type, USD", [found[name] for name in BOOKED])
    with st.container(border=True):
        _flow(view)
    with st.container(border=True):
        _bookings(view)
    with st.container(border=True):
        invoices(view)
    with st.container(border=True):
        _payments(view)


def _flow(view: View) -> None:
    """Show the four measures by month and currency."""
    condition, values = view.scope.condition(currency="currency")
    parts.table(
        "From signature to cash, by month and currency",
        view.rows(_FLOW.format(condition=condition), view.month, *values),
        (
            tables.of_month("Month", "month"),
            tables.text("Currency", "currency"),
            tables.money("Bookings", "bookings_minor"),
            tables.money("Billings", "billings_minor"),
            tables.money("Revenue", "revenue_minor"),
            tables.money("Cash", "cash_minor"),
            tables.usd("Bookings, USD", "bookings_usd_minor"),
            tables.usd("Billings, USD", "billings_usd_minor"),
            tables.usd("Revenue, USD", "revenue_usd_minor"),
            tables.usd("Cash, USD", "cash_usd_minor"),
        ),
        empty=parts.NOT_BY_ENTITY,
        shown=24,
    )


def _bookings(view: View) -> None:
    """Show what was signed in the month, by type."""
    condition, values = view.scope.condition(currency="currency")
    parts.table(
        f"Bookings of {month(view.month)} by type",
        view.rows(_BOOKINGS.format(condition=condition), view.month, *values),
        (
            tables.code("Type", "booking_type"),
            tables.text("Currency", "currency"),
            tables.number("Orders", "orders_count"),
            tables.money("ARR", "arr_minor"),
            tables.money("ACV", "acv_minor"),
            tables.money("TCV", "tcv_minor"),
            tables.money("One-time", "one_time_minor"),
            tables.usd("TCV, USD", "tcv_usd_minor"),
        ),
        empty="Nothing was booked in this month. " + parts.NOT_BY_ENTITY,
    )


def invoices(view: View) -> None:
    """List the invoices of the month, each with the way to its record."""
    condition, values = view.scope.condition(
        currency="invoices.currency", entity="legal_entity_code"
    )
    parts.table(
        f"Invoices issued in {month(view.month)}",
        view.rows(_INVOICES.format(condition=condition), view.month, *values),
        (
            tables.link(
                "Invoice",
                "number",
                parts.to_record(view, "billing_system", "invoice", "invoice_id"),
            ),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.text("Entity", "legal_entity_code"),
            tables.code("Status", "status"),
            tables.on("Issued", "issued_on"),
            tables.text("Currency", "currency"),
            tables.money("Net", "net_minor"),
            tables.money("Total", "total_minor"),
            tables.money("Open", "open_minor"),
            tables.link(
                "In NetSuite",
                "netsuite_invoice_id",
                parts.to_record(view, "netsuite", "invoice", "netsuite_invoice_id"),
            ),
        ),
        empty="No invoice was issued in this month.",
        shown=50,
    )


def _payments(view: View) -> None:
    """List the payments of the month."""
    condition, values = view.scope.condition(
        currency="payments.currency", entity="payments.legal_entity_code"
    )
    parts.table(
        f"Payments of {month(view.month)}",
        view.rows(_PAYMENTS.format(condition=condition), view.month, *values),
        (
            tables.on("Paid", "paid_on"),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.link(
                "Payment",
                "payment_id",
                parts.to_record(view, "billing_system", "payment", "payment_id"),
            ),
            tables.text("Invoice", "number"),
            tables.code("Status", "status"),
            tables.text("Currency", "currency"),
            tables.money("Received", "received_minor"),
            tables.money("Applied", "applied_minor"),
        ),
        empty="No payment was made in this month.",
        shown=50,
    )

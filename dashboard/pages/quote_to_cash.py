"""Bookings to cash: what was signed, billed, earned and paid, down to each document."""

import streamlit as st

from dashboard import charts, parts, tables
from dashboard.bridge import HAND_OFFS, HandOff
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Bookings to cash"
PATH = "quote-to-cash"
ICON = ":material/conversion_path:"
FILTERS = ("month", "currency", "legal_entity")

CARDS = ("booked_tcv", "billings", "recognized_revenue", "cash_collected")
BOOKED = ("booked_new_arr", "booked_expansion_arr", "booked_renewal_arr")

_FLOW = """
    select * from marts.quote_to_cash_monthly
    where month <= ? and {condition}
    order by month desc, currency
"""
# One row per hand-off, entity and currency; its steps side by side.
_BRIDGE = """
    select
        legal_entity_code,
        currency,
        {columns}
    from reconciliation.bridge_steps_monthly
    where hand_off = ? and month = ? and {condition}
    group by legal_entity_code, currency
    order by legal_entity_code, currency
"""
_STEPS = """
    select step, {amount} as amount_minor from reconciliation.bridge_steps_monthly
    where hand_off = ? and month = ? and legal_entity_code = ? and currency = ?
    order by place
"""
_ITEMS = """
    select
        items.*,
        coalesce(customers.legal_name, items.customer_id) as customer,
        coalesce(contracts.contract_number, invoices.number, subject_id) as subject,
        coalesce(invoices.billing_system, 'salesforce') as system
    from reconciliation.bridge_items_monthly as items
    left join canonical.customers using (customer_id)
    left join canonical.contracts
        on subject_type = 'contract' and contract_id = subject_id
    left join canonical.invoices
        on subject_type = 'invoice' and invoice_id = subject_id
    where
        hand_off = ?
        and items.month {period} ?
        and step not in ('left', 'right')
        and {condition}
    order by
        step <> 'unexplained', step <> 'known_exception', abs(amount_minor) desc,
        subject_id
    limit 1000
"""
OF_MONTH, TO_DATE = "of the month", "to date"
REASONS = {
    "timing": "Timing",
    "fx": "FX",
    "rounding": "Rounding",
    "tax": "Tax",
    "mapping": "Mapping",
    "policy": "Policy",
    "known_exception": "Known exception",
    "unexplained": "Unexplained",
}
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
        bridge(view)
    with st.container(border=True):
        _flow(view)
    with st.container(border=True):
        _bookings(view)
    with st.container(border=True):
        invoices(view)
    with st.container(border=True):
        _payments(view)


def bridge(view: View) -> None:
    """Show one hand-off: both sides, the reasons between, and what they are made of."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.selectbox(
            "Hand-off",
            [each.title for each in HAND_OFFS.values()],
            key="hand_off",
            bind="query-params",
        )
        span = st.segmented_control(
            "Amounts",
            [OF_MONTH, TO_DATE],
            default=OF_MONTH,
            required=True,
            key="span",
            bind="query-params",
        )
    (hand_off,) = (each for each in HAND_OFFS.values() if each.title == title)
    amount = "amount_minor" if span == OF_MONTH else "to_date_minor"
    condition, values = view.scope.condition(
        currency="currency", entity="legal_entity_code"
    )
    steps = ("left", *REASONS, "right")
    rows = view.rows(
        _BRIDGE.format(
            columns=", ".join(
                f"max(case when step = '{step}' then {amount} end) as \"{step}\""
                for step in steps
            ),
            condition=condition,
        ),
        hand_off.name,
        view.month,
        *values,
    )
    parts.table(
        f"From {hand_off.left.lower()} to {hand_off.right.lower()}, {span}",
        rows,
        (
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money(hand_off.left, "left"),
            *(tables.money(title, step) for step, title in REASONS.items()),
            tables.money(hand_off.right, "right"),
        ),
        empty="The bridge has no row for this choice.",
        skip_zeros=True,
    )
    cells = [
        (row["legal_entity_code"], row["currency"])
        for row in rows
        if any(row[step] for step in ("left", *REASONS, "right"))
    ]
    if not cells:
        return
    entity, currency = st.selectbox(
        "Drawn below", cells, format_func=lambda cell: f"{cell[0]} in {cell[1]}"
    )
    _waterfall(view, hand_off, entity, currency, amount)
    _items(view, hand_off, str(span))


def _waterfall(
    view: View, hand_off: HandOff, entity: str, currency: str, amount: str
) -> None:
    """Draw the one row that there is from left to right."""
    found = {
        row["step"]: row["amount_minor"]
        for row in view.rows(
            _STEPS.format(amount=amount), hand_off.name, view.month, entity, currency
        )
    }
    steps = charts.bridge_steps(
        (hand_off.left, found["left"]),
        [(title, found[step]) for step, title in REASONS.items() if found[step]],
        (hand_off.right, found["right"]),
        currency,
    )
    title = f"{hand_off.title}, {entity} in {currency}"
    st.altair_chart(
        charts.bridge(steps, view.palette),
        alt=charts.describe_bridge(title, steps),
        width="stretch",
    )


def _items(view: View, hand_off: HandOff, span: str) -> None:
    """List the contracts and invoices behind the reasons, the open ones first."""
    condition, values = view.scope.condition(
        currency="items.currency", entity="items.legal_entity_code"
    )
    parts.table(
        f"What the reasons are made of, {hand_off.title.lower()}",
        view.rows(
            _ITEMS.format(
                condition=condition, period="=" if span == OF_MONTH else "<="
            ),
            hand_off.name,
            view.month,
            *values,
        ),
        (
            tables.code("Reason", "step", rem=7),
            tables.of_month("Month", "month"),
            tables.code("Of", "subject_type"),
            tables.link("Record", "subject", _to_subject(view), rem=8),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Amount", "amount_minor"),
            tables.text("Known by", "known_by"),
        ),
        empty="Both sides are equal: there is nothing to explain.",
        shown=25,
    )


def _to_subject(view: View) -> parts.Leads:
    """Lead to the contract or the invoice in its system."""
    return lambda row: view.record_url(
        row["system"], row["subject_type"], row["subject_id"]
    )


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
        currency="invoices.currency",
        entity="legal_entity_code",
        segment="customers.segment",
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

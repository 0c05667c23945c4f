"""Customer 360: one customer, every record of it, and where each value is from."""

from collections.abc import Sequence

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import count, plain
from dashboard.view import Row, View

TITLE = "Customer 360"
PATH = "customer"
ICON = ":material/person_search:"
FILTERS: tuple[str, ...] = ()

FOUND_AT_MOST = 20

_SEARCH = """
    select customer_id, legal_name, country, is_active
    from canonical.customers
    where contains(lower(coalesce(legal_name, '')), lower(?)) or customer_id = ?
    order by not is_active, legal_name, customer_id
    limit ?
"""
_CUSTOMER = "select * from canonical.customers where customer_id = ?"
_VALUES = """
    select * from canonical.customer_field_values where customer_id = ?
    order by field, value_rank
"""
_RECORDS = """
    select * from canonical.customer_records where customer_id = ?
    order by system, object, record_id
"""
_ARR = """
    select * from marts.arr_rollups_monthly where level = 'customer' and member = ?
    order by month desc
"""
_CONTRACTS = """
    select * from canonical.contracts where customer_id = ?
    order by starts_on desc, contract_id
"""
_SUBSCRIPTIONS = """
    select * from canonical.subscriptions where customer_id = ?
    order by starts_on desc, subscription_id
"""
_INVOICES = """
    select * from canonical.invoices where customer_id = ?
    order by issued_on desc, invoice_id
"""
_PAYMENTS = """
    select * from canonical.payments where customer_id = ?
    order by paid_on desc, payment_id
"""
_ENTITLEMENTS = """
    select * from canonical.entitlements where customer_id = ?
    order by valid_from desc, entitlement_id
"""
_TICKETS = """
    select * from canonical.tickets where customer_id = ?
    order by created_at desc, ticket_id
"""
_BREAKS = """
    select * from reconciliation.breaks where customer_id = ? and explained_by is null
    order by check_id, break_key
"""


def show(view: View) -> None:
    """Draw the customer that the address names, or let people find one."""
    chosen = st.query_params.get("id")
    words = st.text_input(
        "Find a customer by name or id", key="find", icon=":material/search:"
    )
    if words:
        _found(view.rows(_SEARCH, words, words, FOUND_AT_MOST))
    if not chosen:
        if not words:
            st.info("Type a part of a name, or follow a customer from another page.")
        return
    known = view.rows(_CUSTOMER, chosen)
    if not known:
        st.warning(
            f"No customer is called {plain(chosen)} in this snapshot: it may have been "
            "merged into another since. Find it by its name.",
            icon=":material/person_off:",
        )
        return
    _customer(view, known[0])


def _found(rows: Sequence[Row]) -> None:
    """List what was found, or say that nothing was."""
    parts.table(
        "Customers found",
        rows,
        (
            tables.link("Customer", "legal_name", parts.to_customer, rem=10),
            tables.text("Id", "customer_id"),
            tables.text("Country", "country"),
            tables.flag("Active", "is_active"),
        ),
        empty="No customer has such a name: try fewer letters.",
    )


def _customer(view: View, customer: Row) -> None:
    """Draw everything known about one customer."""
    name = customer["customer_id"]
    st.header(plain(customer["legal_name"] or name))
    breaks = view.rows(_BREAKS, name)
    records = view.rows(_RECORDS, name)
    with st.container(horizontal=True, gap="small"):
        st.badge(f"Id {plain(name)}", icon=":material/tag:", color="gray")
        st.badge(count(len(records), "record"), icon=":material/hub:", color="gray")
        st.badge(
            count(len(breaks), "open break"),
            icon=":material/link_off:" if breaks else ":material/link:",
            color="red" if breaks else "green",
        )
        if customer["is_in_review"]:
            st.badge(
                "May be one with another customer",
                icon=":material/help:",
                color="orange",
            )
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        _values(view, name)
    with right, st.container(border=True, height="stretch"):
        _records(view, records)
    with st.container(border=True):
        _arr(view, name)
    with st.container(border=True):
        _contracts(view, name)
    with st.container(border=True):
        _subscriptions(view, name)
    with st.container(border=True):
        _invoices(view, name)
    with st.container(border=True):
        _payments(view, name)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        _entitlements(view, name)
    with right, st.container(border=True, height="stretch"):
        _tickets(view, name)
    with st.container(border=True):
        _breaks(breaks)


def _values(view: View, name: str) -> None:
    """Show each value that a system holds, the one that was taken first."""
    parts.table(
        "Golden record, field by field",
        view.rows(_VALUES, name),
        (
            tables.text("Field", "field"),
            tables.text("Value", "value", rem=9),
            tables.text("System", "system"),
            tables.flag("Taken", "is_winner", "✓ taken", "other"),
            tables.text("Rule", "rule"),
            tables.at("Changed there", "source_updated_at"),
        ),
    )


def _records(view: View, records: Sequence[Row]) -> None:
    """Show the customer's records in all systems, each with the way to it."""
    rows = [
        {**row, "kind": f"{row['system']} {row['object']}", "record": row["record_id"]}
        for row in records
    ]
    parts.table(
        "The same customer in every system",
        rows,
        (
            tables.code("Record of", "kind"),
            tables.link(
                "Id",
                "record",
                lambda row: view.record_url(
                    row["system"], row["object"], row["record_id"]
                ),
                rem=9,
            ),
            tables.code("How we know", "evidence"),
            tables.flag("Primary", "is_primary"),
        ),
    )


def _arr(view: View, name: str) -> None:
    """Show the customer's ARR by month."""
    parts.table(
        "ARR by month, USD",
        view.rows(_ARR, name),
        (
            tables.of_month("Month", "month"),
            tables.usd("Opening", "opening_usd_minor"),
            tables.usd("New", "new_usd_minor"),
            tables.usd("Expansion", "expansion_usd_minor"),
            tables.usd("Reactivation", "reactivation_usd_minor"),
            tables.usd("Contraction", "contraction_usd_minor"),
            tables.usd("Churn", "churn_usd_minor"),
            tables.usd("Closing", "closing_usd_minor"),
        ),
        empty="This customer never had recurring revenue.",
        shown=13,
    )


def _contracts(view: View, name: str) -> None:
    parts.table(
        "Contracts",
        view.rows(_CONTRACTS, name),
        (
            tables.link(
                "Contract",
                "contract_number",
                parts.to_record(
                    view, "salesforce", "contract", "salesforce_contract_id"
                ),
            ),
            tables.text("Entity", "legal_entity_code"),
            tables.code("Status", "status"),
            tables.on("Starts", "starts_on"),
            tables.on("Ends", "ends_on"),
            tables.text("Currency", "currency"),
            tables.money("Total value", "total_minor"),
        ),
        empty="No contract was signed.",
    )


def _subscriptions(view: View, name: str) -> None:
    parts.table(
        "Subscriptions",
        view.rows(_SUBSCRIPTIONS, name),
        (
            tables.link(
                "Subscription",
                "subscription_id",
                parts.to_record(
                    view, "billing_system", "subscription", "subscription_id"
                ),
            ),
            tables.code("Status", "status"),
            tables.on("Starts", "starts_on"),
            tables.on("Ended", "ended_on"),
            tables.text("Currency", "currency"),
            tables.money("ARR", "arr_minor"),
        ),
        empty="Nothing is billed by subscription.",
    )


def _invoices(view: View, name: str) -> None:
    parts.table(
        "Invoices",
        view.rows(_INVOICES, name),
        (
            tables.link(
                "Invoice",
                "number",
                parts.to_record(view, "billing_system", "invoice", "invoice_id"),
            ),
            tables.code("Status", "status"),
            tables.on("Issued", "issued_on"),
            tables.on("Due", "due_on"),
            tables.text("Currency", "currency"),
            tables.money("Total", "total_minor"),
            tables.money("Paid", "paid_minor"),
            tables.money("Open", "open_minor"),
            tables.link(
                "In NetSuite",
                "netsuite_invoice_id",
                parts.to_record(view, "netsuite", "invoice", "netsuite_invoice_id"),
            ),
        ),
        empty="No invoice was issued.",
        shown=24,
    )


def _payments(view: View, name: str) -> None:
    parts.table(
        "Payments",
        view.rows(_PAYMENTS, name),
        (
            tables.on("Paid", "paid_on"),
            tables.link(
                "Payment",
                "payment_id",
                parts.to_record(view, "billing_system", "payment", "payment_id"),
            ),
            tables.code("Status", "status"),
            tables.text("Why it failed", "failure_code"),
            tables.text("Currency", "currency"),
            tables.money("Amount", "amount_minor"),
            tables.money("Received", "received_minor"),
        ),
        empty="No payment was made.",
        shown=24,
    )


def _entitlements(view: View, name: str) -> None:
    parts.table(
        "Entitlements",
        view.rows(_ENTITLEMENTS, name),
        (
            tables.text("Feature", "feature"),
            tables.text("Tier", "tier"),
            tables.code("By", "reason"),
            tables.flag("Granted", "is_granted"),
            tables.on("From", "valid_from"),
            tables.on("Until", "valid_to"),
        ),
        empty="Nothing is granted.",
        shown=24,
    )


def _tickets(view: View, name: str) -> None:
    parts.table(
        "Tickets",
        view.rows(_TICKETS, name),
        (
            tables.link(
                "Ticket",
                "subject",
                parts.to_record(view, "zendesk", "ticket", "record_id"),
                rem=10,
            ),
            tables.code("Status", "status"),
            tables.text("Priority", "priority"),
            tables.at("Opened", "created_at"),
        ),
        empty="No ticket was opened.",
        shown=24,
    )


def _breaks(rows: Sequence[Row]) -> None:
    parts.table(
        "Open breaks",
        rows,
        (
            tables.text("Check", "check_id"),
            tables.text("What differs", "subject", rem=14),
            tables.text("One side", "left_value", rem=8),
            tables.text("Other side", "right_value", rem=8),
            tables.text("Currency", "currency"),
            tables.money("Difference", "difference_minor"),
        ),
        empty="The systems agree on this customer.",
    )

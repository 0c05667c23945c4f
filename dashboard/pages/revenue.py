"""Revenue and receivables: what is deferred, what is owed, and for how long."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Revenue and receivables"
PATH = "revenue"
ICON = ":material/account_balance:"
FILTERS = ("month", "currency", "legal_entity")

CARDS = (
    "recognized_revenue",
    "deferred_revenue",
    "rpo",
    "crpo",
    "receivables",
    "dso_simple",
)
AGES = (
    "current_receivables",
    "receivables_1_30",
    "receivables_31_60",
    "receivables_61_90",
    "receivables_over_90",
)
SERVED = (
    "recognized_revenue",
    "deferred_revenue",
    "contract_assets",
    "unbilled_receivables",
)
SPEED = (
    "dso_simple",
    "dso_countback",
    "best_possible_dso",
    "average_days_delinquent",
)

_DEFERRED = """
    select * from marts.deferred_revenue_monthly where month = ? and {condition}
    order by currency, legal_entity_code
"""
_OBLIGATIONS = """
    select * from marts.remaining_obligations_monthly where month = ? and {condition}
    order by currency, legal_entity_code
"""
_PLANNED = """
    select * from marts.revenue_waterfall_monthly where known_month = ? and {condition}
    order by month, currency, legal_entity_code
"""
# Of a contract, or of an invoice that is of none, there is no revenue while it is held.
_HELD = """
    select * from marts.held_totals where entity in ('contract', 'invoice_line')
    order by reason_code, entity, currency
"""
_RECEIVABLES = """
    select * from marts.receivables_monthly where month = ? and {condition}
    order by currency
"""
_OVERDUE = """
    select
        balances.*,
        coalesce(legal_name, balances.customer_id) as customer,
        number,
        due_on
    from marts.invoice_balances_monthly as balances
    left join canonical.customers using (customer_id)
    left join canonical.invoices using (billing_system, invoice_id)
    where month = ? and {condition}
    order by days_overdue desc, invoice_id
    limit 1000
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *dict.fromkeys((*CARDS, *AGES, *SERVED, *SPEED)))
    parts.cards(
        view, [found[name] for name in CARDS], bars=frozenset({"recognized_revenue"})
    )
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        parts.lines(
            view,
            "Revenue, deferred revenue and what is earned unbilled, USD",
            [found[name] for name in SERVED],
        )
    with right, st.container(border=True, height="stretch"):
        parts.stack(view, "Receivables by age, USD", [found[name] for name in AGES])
    with st.container(border=True):
        parts.lines(view, "How fast it is collected, days", [found[n] for n in SPEED])
    with st.container(border=True):
        _deferred(view)
    with st.container(border=True):
        _obligations(view)
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch"):
        _planned(view)
    with right, st.container(border=True, height="stretch"):
        _held(view)
    with st.container(border=True):
        _receivables(view)
    with st.container(border=True):
        overdue(view)


def _deferred(view: View) -> None:
    """Show that opening plus billings less credits and revenue is closing."""
    condition, values = view.scope.condition(
        currency="currency", entity="legal_entity_code"
    )
    parts.table(
        f"Deferred revenue rolls forward, {month(view.month)}",
        view.rows(_DEFERRED.format(condition=condition), view.month, *values),
        (
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Opening", "opening_minor"),
            tables.money("Billings", "billings_minor"),
            tables.money("Credits", "credits_minor"),
            tables.money("Revenue", "revenue_minor"),
            tables.money("Closing", "closing_minor"),
            tables.money("Deferred", "deferred_minor"),
            tables.money("Contract assets", "contract_assets_minor"),
            tables.money("Unbilled", "unbilled_minor"),
            tables.usd("Closing, USD", "closing_usd_minor"),
            tables.money("Held billings", "held_billings_minor"),
        ),
        empty="Nothing was billed ahead or earned unbilled.",
    )


def _obligations(view: View) -> None:
    """Show what is signed and not recognized yet."""
    condition, values = view.scope.condition(
        currency="currency", entity="legal_entity_code"
    )
    parts.table(
        f"Remaining performance obligations, {month(view.month)}",
        view.rows(_OBLIGATIONS.format(condition=condition), view.month, *values),
        (
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Opening", "opening_rpo_minor"),
            tables.money("Booked", "booked_minor"),
            tables.money("Changed", "changed_minor"),
            tables.money("Satisfied", "satisfied_minor"),
            tables.money("RPO", "rpo_minor"),
            tables.money("In 12 months", "crpo_minor"),
            tables.usd("RPO, USD", "rpo_usd_minor"),
        ),
        empty="No contract was signed.",
    )


def _planned(view: View) -> None:
    """Show for which months revenue was scheduled."""
    condition, values = view.scope.condition(
        currency="currency", entity="legal_entity_code"
    )
    parts.table(
        f"Revenue scheduled at the end of {month(view.month)}",
        view.rows(_PLANNED.format(condition=condition), view.month, *values),
        (
            tables.of_month("Month", "month"),
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Scheduled", "planned_minor"),
            tables.usd("Scheduled, USD", "planned_usd_minor"),
        ),
        empty="Nothing is scheduled.",
        shown=24,
    )


def _held(view: View) -> None:
    """Say how much no revenue comes from until somebody decides."""
    parts.table(
        "Held out of revenue today",
        view.rows(_HELD),
        (
            tables.code("Reason", "reason_code", rem=8),
            tables.code("Kind", "entity"),
            tables.number("Records", "held_rows"),
            tables.text("Currency", "currency"),
            tables.money("Price", "amount_minor"),
        ),
        empty="Nothing is held: every contract and every invoice is in these numbers.",
    )


def _receivables(view: View) -> None:
    """Show what is owed by age and currency."""
    condition, values = view.scope.condition(currency="currency")
    parts.table(
        f"Receivables by age, {month(view.month)}",
        view.rows(_RECEIVABLES.format(condition=condition), view.month, *values),
        (
            tables.text("Currency", "currency"),
            tables.money("Receivables", "receivables_minor"),
            tables.money("Not due", "current_minor"),
            tables.money("1 to 30 days", "overdue_1_30_minor"),
            tables.money("31 to 60 days", "overdue_31_60_minor"),
            tables.money("61 to 90 days", "overdue_61_90_minor"),
            tables.money("Over 90 days", "overdue_over_90_minor"),
            tables.usd("Receivables, USD", "receivables_usd_minor"),
        ),
        empty="Nobody owed anything. " + parts.NOT_BY_ENTITY,
    )


def overdue(view: View) -> None:
    """List the open invoices, those that are due for longest first."""
    condition, values = view.scope.condition(
        currency="balances.currency",
        entity="balances.legal_entity_code",
        segment="customers.segment",
    )
    parts.table(
        f"Invoices owed at the end of {month(view.month)}",
        view.rows(_OVERDUE.format(condition=condition), view.month, *values),
        (
            tables.link(
                "Invoice",
                "number",
                parts.to_record(view, "billing_system", "invoice", "invoice_id"),
            ),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.on("Due", "due_on"),
            tables.number("Days overdue", "days_overdue"),
            tables.text("Currency", "currency"),
            tables.money("Open", "open_minor"),
        ),
        empty="No invoice was owed.",
        shown=50,
    )

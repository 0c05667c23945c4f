"""Pipeline: what is open, what it is likely to bring, and what became of it."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Pipeline"
PATH = "pipeline"
ICON = ":material/filter_alt:"
FILTERS = ("month", "currency", "legal_entity")

CARDS = (
    "open_pipeline",
    "weighted_pipeline",
    "open_opportunities",
    "win_rate",
    "win_rate_by_value",
    "pipeline_conversion",
)

_STAGES = """
    select * from marts.pipeline_monthly where month = ? and {condition}
    order by open_usd_minor desc, stage, currency
"""
_OUTCOMES = """
    select * from marts.pipeline_outcomes_monthly where month <= ? and {condition}
    order by month desc, currency
"""
_OPEN = """
    select
        opportunities.*,
        coalesce(legal_name, customer_id) as customer
    from canonical.opportunities
    left join canonical.customers using (customer_id)
    where not is_closed and {condition}
    order by closes_on, opportunity_id
    limit 1000
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *CARDS, "won_pipeline")
    parts.cards(view, [found[name] for name in CARDS])
    with st.container(border=True):
        parts.lines(
            view,
            "Open, weighted and won pipeline, USD",
            [
                found[name]
                for name in ("open_pipeline", "weighted_pipeline", "won_pipeline")
            ],
        )
        if found["weighted_pipeline"].at(view.month) is None:
            st.caption(
                "No weighted pipeline of this month: systems keep the stage of an "
                "opportunity from its last change on, not what it was before."
            )
    with st.container(border=True):
        _stages(view)
    with st.container(border=True):
        _outcomes(view)
    with st.container(border=True):
        _open(view)


def _stages(view: View) -> None:
    """Show the open pipeline by stage."""
    condition, values = view.scope.condition(currency="currency")
    parts.table(
        f"Open pipeline by stage, {month(view.month)}",
        view.rows(_STAGES.format(condition=condition), view.month, *values),
        (
            tables.text("Stage", "stage", rem=8),
            tables.text("Currency", "currency"),
            tables.number("Opportunities", "opportunities_count"),
            tables.number("Without amount", "without_amount_count"),
            tables.money("Open", "open_minor"),
            tables.money("Weighted", "weighted_minor"),
            tables.usd("Open, USD", "open_usd_minor"),
            tables.usd("Weighted, USD", "weighted_usd_minor"),
        ),
        empty=parts.NOT_BY_ENTITY,
    )


def _outcomes(view: View) -> None:
    """Show what was won and lost, by month."""
    condition, values = view.scope.condition(currency="currency")
    parts.table(
        "Won and lost, by month and currency",
        view.rows(_OUTCOMES.format(condition=condition), view.month, *values),
        (
            tables.of_month("Month", "month"),
            tables.text("Currency", "currency"),
            tables.number("Won", "won_count"),
            tables.number("Lost", "lost_count"),
            tables.money("Amount won", "won_minor"),
            tables.money("Amount lost", "lost_minor"),
            tables.usd("Won, USD", "won_usd_minor"),
            tables.usd("Lost, USD", "lost_usd_minor"),
        ),
        empty=parts.NOT_BY_ENTITY,
        shown=24,
    )


def _open(view: View) -> None:
    """List the opportunities that are open today."""
    condition, values = view.scope.condition(
        currency="opportunities.currency", entity="legal_entity_code"
    )
    parts.table(
        "Opportunities open today",
        view.rows(_OPEN.format(condition=condition), *values),
        (
            tables.on("Closes", "closes_on"),
            tables.link(
                "Opportunity",
                "name",
                parts.to_record(view, "salesforce", "opportunity", "opportunity_id"),
                rem=12,
            ),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.text("Stage", "stage"),
            tables.text("Owner", "owner_name"),
            tables.text("Currency", "currency"),
            tables.money("Amount", "amount_minor"),
        ),
        empty="No opportunity is open.",
        shown=50,
    )

"""Retention: what is left of the customers of a year ago, cohorts, and renewals."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import month
from dashboard.metrics import metrics
from dashboard.view import View

TITLE = "Retention"
PATH = "retention"
ICON = ":material/autorenew:"
FILTERS = ("month", "segment")

CARDS = (
    "nrr",
    "grr",
    "logo_retention",
    "available_arr",
    "gross_renewal_rate",
    "net_renewal_rate",
)

_LEVELS = """
    select * from marts.retention_levels_monthly where level = ? and segment = ?
        and month <= ?
    order by month desc
"""
_COHORTS = """
    select * from marts.retention_cohorts where level = ? and {condition}
        and cohort_month + to_months(cast(months_since_start as integer)) = ?
    order by cohort_month desc
"""
_RENEWALS = """
    select
        renewals.*,
        coalesce(legal_name, customer_id) as customer,
        contract_number,
        salesforce_contract_id
    from marts.renewals
    left join canonical.customers using (customer_id)
    left join canonical.contracts using (contract_id)
    where month = ? and {condition}
    order by available_usd_minor desc, contract_id
"""
_ENDING = """
    select
        contracts.*,
        coalesce(legal_name, customer_id) as customer
    from canonical.contracts
    left join canonical.customers using (customer_id)
    where status = 'activated' and ends_on >= ? and {condition}
    order by ends_on, contract_id
    limit 200
"""


def show(view: View) -> None:
    """Draw the page."""
    found = metrics(view, *CARDS)
    parts.cards(
        view, [found[name] for name in CARDS], bars=frozenset({"available_arr"})
    )
    with st.container(border=True):
        parts.lines(
            view,
            "Retention over twelve months, %",
            [found[name] for name in ("nrr", "grr", "logo_retention")],
        )
    level = st.segmented_control(
        "One customer is",
        ["parent", "customer"],
        default="parent",
        required=True,
        key="level",
        bind="query-params",
        help="parent: a group of companies counts as one customer.",
    )
    with st.container(border=True):
        _levels(view, str(level))
    with st.container(border=True):
        _cohorts(view, str(level))
    with st.container(border=True):
        _renewals(view)
    with st.container(border=True):
        _ending(view)


def _levels(view: View, level: str) -> None:
    """Show each month's retention with the amounts that it is made of."""
    parts.table(
        "Retention by month, USD",
        view.rows(_LEVELS, level, view.scope.member, view.month),
        (
            tables.of_month("Month", "month"),
            tables.number("Customers then", "cohort_members_count"),
            tables.number("Still here", "retained_members_count"),
            tables.usd("ARR then", "cohort_opening_usd_minor"),
            tables.usd("ARR now", "cohort_net_usd_minor"),
            tables.usd("ARR kept", "cohort_gross_usd_minor"),
            tables.share("NRR", "nrr_basis_points"),
            tables.share("GRR", "grr_basis_points"),
            tables.share("Logos", "logo_retention_basis_points"),
        ),
        empty="No customer has been here for twelve months yet.",
    )


def _cohorts(view: View, level: str) -> None:
    """Show what each cohort of customers is worth in the chosen month."""
    condition, _ = view.scope.condition()
    parts.table(
        f"Cohorts by first month, as of {month(view.month)}, USD",
        view.rows(_COHORTS.format(condition=condition), level, view.month),
        (
            tables.of_month("First month", "cohort_month"),
            tables.number("Months since", "months_since_start"),
            tables.number("Customers", "members_count"),
            tables.number("Still here", "retained_members_count"),
            tables.usd("First ARR", "starting_usd_minor"),
            tables.usd("ARR now", "arr_usd_minor"),
            tables.share("Net retention", "net_retention_basis_points"),
            tables.share("Logos", "logo_retention_basis_points"),
        ),
        empty="Cohorts are kept for the company only: choose it.",
    )


def _renewals(view: View) -> None:
    """List the contracts that ended in the month and what renewed them."""
    condition, values = view.scope.condition(segment="customers.segment")
    parts.table(
        f"Contracts that ended in {month(view.month)}",
        view.rows(_RENEWALS.format(condition=condition), view.month, *values),
        (
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.link("Contract", "contract_number", _to_contract(view)),
            tables.on("Ended", "ended_on"),
            tables.text("Currency", "currency"),
            tables.money("Available", "available_minor"),
            tables.usd("Available, USD", "available_usd_minor"),
            tables.usd("Renewed, USD", "renewed_usd_minor"),
        ),
        empty="No contract ended in this month.",
    )


def _ending(view: View) -> None:
    """List the contracts that end next."""
    condition, values = view.scope.condition(segment="customers.segment")
    parts.table(
        "Contracts that end next",
        view.rows(_ENDING.format(condition=condition), view.publication.as_of, *values),
        (
            tables.on("Ends", "ends_on"),
            tables.link("Customer", "customer", parts.to_customer, rem=10),
            tables.link("Contract", "contract_number", _to_contract(view)),
            tables.text("Entity", "legal_entity_code"),
            tables.text("Currency", "currency"),
            tables.money("Total value", "total_minor"),
        ),
        empty="No contract in force has an end.",
    )


def _to_contract(view: View) -> parts.Leads:
    return parts.to_record(view, "salesforce", "contract", "salesforce_contract_id")

"""Operating: how the platform itself does: how long things take, and how often."""

import streamlit as st

from dashboard import parts, tables
from dashboard.formats import duration
from dashboard.tables import Column
from dashboard.view import View

# Of each figure the last month that has one, up to the chosen one; where there is none,
# why.
_FIGURES = """
    with last_months as (
        select metric, max(month) as month
        from (
            select metric, month from marts.operational_durations_monthly
            where level = 'company' and month <= ?1
            union all
            select metric, month from marts.operational_shares_monthly
            where level = 'company' and month <= ?1
        )
        group by metric
    )
    select
        metrics.label,
        metrics.definition,
        metrics.version,
        last_months.month,
        coalesce(durations.cases_count, shares.cases_count) as cases_count,
        durations.open_count,
        durations.late_count,
        durations.median_seconds,
        durations.p95_seconds,
        shares.share_basis_points,
        metrics.target_basis_points,
        coalesce(
            metrics.unavailable_because,
            case when last_months.month is null then 'nothing happened yet' end
        ) as unavailable_because
    from marts.operational_metrics as metrics
    left join last_months using (metric)
    left join marts.operational_durations_monthly as durations
        on durations.metric = metrics.metric
        and durations.month = last_months.month
        and durations.level = 'company'
    left join marts.operational_shares_monthly as shares
        on shares.metric = metrics.metric
        and shares.month = last_months.month
        and shares.level = 'company'
    where metrics.effective_on <= ?1 and metrics.effective_before > ?1
    order by metrics.unavailable_because is not null, metrics.kind, metrics.label
"""


def figures(view: View) -> None:
    """Show every operational figure, and of those that cannot be told why."""
    parts.table(
        "How the platform operates",
        view.rows(_FIGURES, view.month),
        (
            tables.text("Figure", "label", rem=12),
            tables.of_month("Month", "month"),
            tables.number("Cases", "cases_count"),
            tables.number("Open", "open_count"),
            tables.number("Late", "late_count"),
            _seconds("Half within", "median_seconds"),
            _seconds("95 % within", "p95_seconds"),
            tables.share("Share", "share_basis_points"),
            tables.share("Expected", "target_basis_points"),
            tables.text("Not told because", "unavailable_because", rem=10),
            tables.text("What it measures", "definition", rem=16),
        ),
        empty="No operational figure is defined.",
    )
    st.caption(
        "Times count what is still open as long as it was seen (Kaplan-Meier); there "
        "is none where too many have not ended yet."
    )


def _seconds(title: str, name: str) -> Column:
    """Show whole seconds as a person says them."""
    return Column(title, name, lambda value, _row: duration(value), rem=5)

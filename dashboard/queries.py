"""Queries: which published columns the page reads, in the order of its dataclasses.

Amounts are whole minor units; `_usd_minor` is at the budget rate of the year.
"""

ARR = """
    select
        month,
        opening_usd_minor,
        new_usd_minor,
        expansion_usd_minor,
        reactivation_usd_minor + resume_usd_minor,
        contraction_usd_minor + pause_usd_minor,
        churn_usd_minor,
        closing_usd_minor,
        closing_usd_minor - opening_usd_minor as net_new_usd_minor
    from marts.arr_monthly
    order by month
"""

RETENTION = """
    select month, nrr_basis_points, grr_basis_points
    from marts.retention_monthly
    order by month
"""

FLOW = """
    select
        month,
        sum(bookings_usd_minor),
        sum(billings_usd_minor),
        sum(revenue_usd_minor),
        sum(cash_usd_minor)
    from marts.quote_to_cash_monthly
    group by month
    order by month
"""

MOVEMENTS = """
    with

        last_month as (
            select
                customer_id,
                sum(new_usd_minor) as new,
                sum(expansion_usd_minor) as expansion,
                sum(reactivation_usd_minor) as reactivation,
                sum(resume_usd_minor) as resume,
                sum(contraction_usd_minor) as contraction,
                sum(pause_usd_minor) as pause,
                sum(churn_usd_minor) as churn,
                sum(closing_usd_minor) as closing
            from marts.arr_movements
            where month = (select max(month) from marts.arr_monthly)
            group by customer_id
        ),

        kinds as (
            select customer_id, 'New' as kind, new as change, closing from last_month
            union all
            select customer_id, 'Expansion', expansion, closing from last_month
            union all
            select customer_id, 'Reactivation', reactivation, closing from last_month
            union all
            select customer_id, 'Resume', resume, closing from last_month
            union all
            select customer_id, 'Contraction', contraction, closing from last_month
            union all
            select customer_id, 'Pause', pause, closing from last_month
            union all
            select customer_id, 'Churn', churn, closing from last_month
        )

    select coalesce(customers.legal_name, kinds.customer_id), kind, change, closing
    from kinds
    left join canonical.customers using (customer_id)
    where change <> 0
    order by abs(change) desc, customer_id, kind
"""

# The difference is that of the unexplained breaks, in US dollars.
CHECKS = """
    select
        check_id,
        title,
        area,
        owner,
        compared,
        breaks,
        explained,
        difference_usd_minor
    from reconciliation.check_results
    order by breaks - explained desc, explained desc, check_id
"""

BREAKS = """
    select
        check_id,
        subject,
        left_system,
        left_value,
        right_system,
        right_value,
        currency,
        difference_minor,
        target_system,
        target_object,
        target_field,
        proposed_value,
        push_class
    from reconciliation.breaks
    where explained_by is null
    order by check_id, abs(coalesce(difference_minor, 0)) desc, break_key
"""

# Streams that bring nothing new keep the day of their last load, so a system counts as
# loaded when any of its streams was. A system that is not connected never was.
SOURCES = """
    select system, max(loaded_at)
    from operations.freshness
    where loaded_at is not null
    group by system
    order by system
"""

CHANGES = """
    select system, object, state, sum(changes)
    from operations.changes
    group by system, object, state
    order by system, object, state
"""

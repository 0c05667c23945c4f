with

    movements as (select * from {{ ref("arr_movements") }}),

    parents as (select * from {{ ref("customer_parents_monthly") }}),

    customers as (select * from {{ ref("customers") }}),

    balances as (
        select customer_id, month, {{ sum_minor("closing_usd_minor") }} as arr_usd_minor
        from movements
        group by customer_id, month
    ),

    -- The group as it stands at the end of the twelve months, for both ends.
    members as (
        select 'customer' as level, customer_id as member_id, customer_id, month
        from parents
        union all
        select 'parent' as level, parent_id as member_id, customer_id, month
        from parents
    ),

    ends as (
        select
            members.level,
            members.member_id,
            members.month,
            {{ sum_minor("balances_then.arr_usd_minor") }} as opening_usd_minor,
            {{ sum_minor("balances_now.arr_usd_minor") }} as net_usd_minor
        from members
        left join
            balances as balances_then
            on balances_then.customer_id = members.customer_id
            and members.month = {{ add_months("balances_then.month", 12) }}
        left join
            balances as balances_now
            on balances_now.customer_id = members.customer_id
            and balances_now.month = members.month
        group by members.level, members.member_id, members.month
    ),

    cohort as (
        select ends.*, {{ segment_of("customers.segment") }} as segment
        from ends
        left join customers on customers.customer_id = ends.member_id
        where ends.opening_usd_minor > 0
    ),

    -- Everybody together, and each segment on its own.
    divided as (
        select level, month, segment, opening_usd_minor, net_usd_minor
        from cohort
        union all
        select level, month, 'all' as segment, opening_usd_minor, net_usd_minor
        from cohort
    ),

    totals as (
        select
            level,
            segment,
            month,
            count(*) as cohort_members_count,
            sum(
                case when net_usd_minor > 0 then 1 else 0 end
            ) as retained_members_count,
            {{ sum_minor("opening_usd_minor") }} as cohort_opening_usd_minor,
            {{ sum_minor("net_usd_minor") }} as cohort_net_usd_minor,
            {{ sum_minor("least(net_usd_minor, opening_usd_minor)") }}
            as cohort_gross_usd_minor
        from divided
        group by level, segment, month
    )

select
    level,
    segment,
    month,
    cohort_members_count,
    cast(retained_members_count as bigint) as retained_members_count,
    cohort_opening_usd_minor,
    cohort_net_usd_minor,
    cohort_gross_usd_minor,
    {{ share_minor("10000", "cohort_net_usd_minor", "cohort_opening_usd_minor") }}
    as nrr_basis_points,
    {{ share_minor("10000", "cohort_gross_usd_minor", "cohort_opening_usd_minor") }}
    as grr_basis_points,
    {{ share_minor("10000", "retained_members_count", "cohort_members_count") }}
    as logo_retention_basis_points,
    {{
        share_minor(
            "10000",
            "(cohort_members_count - retained_members_count)",
            "cohort_members_count",
        )
    }} as logo_churn_basis_points
from totals

with

    renewals as (select * from {{ ref("renewals") }}),

    parents as (select * from {{ ref("customer_parents_monthly") }}),

    customers as (select * from {{ ref("customers") }}),

    members as (
        select 'customer' as level, customer_id as member_id, customer_id, month
        from parents
        union all
        select 'parent' as level, parent_id as member_id, customer_id, month
        from parents
    ),

    offered as (
        select
            members.level,
            members.member_id,
            members.month,
            count(*) as contracts_count,
            {{ sum_minor("renewals.available_usd_minor") }} as available_usd_minor,
            {{ sum_minor("renewals.renewed_usd_minor") }} as renewed_usd_minor
        from renewals
        inner join members using (customer_id, month)
        group by members.level, members.member_id, members.month
    ),

    segmented as (
        select offered.*, {{ segment_of("customers.segment") }} as segment
        from offered
        left join customers on customers.customer_id = offered.member_id
    ),

    -- Everybody together, and each segment on its own.
    divided as (
        select
            level,
            month,
            segment,
            contracts_count,
            available_usd_minor,
            renewed_usd_minor
        from segmented
        union all
        select
            level,
            month,
            'all' as segment,
            contracts_count,
            available_usd_minor,
            renewed_usd_minor
        from segmented
    ),

    totals as (
        select
            level,
            segment,
            month,
            {{ sum_minor("contracts_count") }} as contracts_count,
            {{ sum_minor("available_usd_minor") }} as available_usd_minor,
            {{ sum_minor("least(renewed_usd_minor, available_usd_minor)") }}
            as gross_renewed_usd_minor,
            {{ sum_minor("renewed_usd_minor") }} as net_renewed_usd_minor
        from divided
        group by level, segment, month
    )

select
    level,
    segment,
    month,
    contracts_count,
    available_usd_minor,
    gross_renewed_usd_minor,
    net_renewed_usd_minor,
    {{ share_minor("10000", "gross_renewed_usd_minor", "available_usd_minor") }}
    as gross_renewal_basis_points,
    {{ share_minor("10000", "net_renewed_usd_minor", "available_usd_minor") }}
    as net_renewal_basis_points
from totals

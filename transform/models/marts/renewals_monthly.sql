with

    renewals as (select * from {{ ref("renewals") }}),

    parents as (select * from {{ ref("customer_parents_monthly") }}),

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

    totals as (
        select
            level,
            month,
            {{ sum_minor("contracts_count") }} as contracts_count,
            {{ sum_minor("available_usd_minor") }} as available_usd_minor,
            {{ sum_minor("least(renewed_usd_minor, available_usd_minor)") }}
            as gross_renewed_usd_minor,
            {{ sum_minor("renewed_usd_minor") }} as net_renewed_usd_minor
        from offered
        group by level, month
    )

select
    level,
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

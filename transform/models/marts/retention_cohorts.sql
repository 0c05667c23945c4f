with

    movements as (select * from {{ ref("arr_movements") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    -- Cohorts are those of the groups as they stand today.
    parents as (
        select customer_id, parent_id
        from {{ ref("customer_parents_monthly") }}
        where month = (select max(month) from months)
    ),

    members as (
        select 'customer' as level, customer_id as member_id, customer_id
        from parents
        union all
        select 'parent' as level, parent_id as member_id, customer_id
        from parents
    ),

    held as (
        select
            members.level,
            members.member_id,
            movements.month,
            {{ sum_minor("movements.closing_usd_minor") }} as arr_usd_minor
        from movements
        inner join members using (customer_id)
        group by members.level, members.member_id, movements.month
    ),

    begun as (
        select level, member_id, min(month) as cohort_month
        from held
        where arr_usd_minor > 0
        group by level, member_id
    ),

    curves as (
        select
            begun.level,
            begun.cohort_month,
            months.month,
            {{ whole_months("begun.cohort_month", "months.month") }}
            as months_since_start,
            count(*) as members_count,
            sum(
                case when held.arr_usd_minor > 0 then 1 else 0 end
            ) as retained_members_count,
            {{ sum_minor("held.arr_usd_minor") }} as arr_usd_minor
        from begun
        inner join months on months.month >= begun.cohort_month
        left join
            held
            on held.level = begun.level
            and held.member_id = begun.member_id
            and held.month = months.month
        group by begun.level, begun.cohort_month, months.month
    ),

    started as (
        select
            *,
            first_value(arr_usd_minor) over (
                partition by level, cohort_month order by month
            ) as starting_usd_minor
        from curves
    )

select
    level,
    cohort_month,
    months_since_start,
    members_count,
    cast(retained_members_count as bigint) as retained_members_count,
    starting_usd_minor,
    arr_usd_minor,
    {{ share_minor("10000", "arr_usd_minor", "starting_usd_minor") }}
    as net_retention_basis_points,
    {{ share_minor("10000", "retained_members_count", "members_count") }}
    as logo_retention_basis_points
from started

with

    movements as (select * from {{ ref("arr_movements") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    customers as (
        select customer_id, month, {{ sum_minor("closing_usd_minor") }} as arr_usd_minor
        from movements
        group by customer_id, month
    ),

    cohorts as (
        select
            customer_id,
            {{ add_months("month", 12) }} as month,
            arr_usd_minor as opening_usd_minor
        from customers
        where arr_usd_minor > 0
    ),

    retained as (
        select
            cohorts.month,
            cohorts.opening_usd_minor,
            -- A customer who left has no row, or one that closes at nothing.
            coalesce(customers.arr_usd_minor, 0) as net_usd_minor,
            least(
                coalesce(customers.arr_usd_minor, 0), cohorts.opening_usd_minor
            ) as gross_usd_minor
        from cohorts
        inner join months on months.month = cohorts.month
        left join
            customers
            on customers.customer_id = cohorts.customer_id
            and customers.month = cohorts.month
    ),

    totals as (
        select
            month,
            count(*) as cohort_customers_count,
            {{ sum_minor("opening_usd_minor") }} as cohort_opening_usd_minor,
            {{ sum_minor("net_usd_minor") }} as cohort_net_usd_minor,
            {{ sum_minor("gross_usd_minor") }} as cohort_gross_usd_minor
        from retained
        group by month
    )

select
    month,
    cohort_customers_count,
    cohort_opening_usd_minor,
    cohort_net_usd_minor,
    cohort_gross_usd_minor,
    {{ div_half_up("10000 * cohort_net_usd_minor", "cohort_opening_usd_minor") }}
    as nrr_basis_points,
    {{ div_half_up("10000 * cohort_gross_usd_minor", "cohort_opening_usd_minor") }}
    as grr_basis_points
from totals

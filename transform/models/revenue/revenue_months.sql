with recursive

    obligations as (select * from {{ ref("revenue_obligations") }}),

    invoices as (select * from {{ ref("invoices") }}),

    days as (
        select min(starts_on) as first_on, max(ends_before) as last_on
        from obligations
        union all
        select min(issued_on) as first_on, max(issued_on) as last_on
        from invoices
    ),

    bounds as (
        select
            {{ first_of_month("min(first_on)") }} as first_month,
            max(last_on) as last_on
        from days
    ),

    months as (
        select first_month as month, last_on
        from bounds
        union all
        select {{ add_months("month", 1) }} as month, last_on
        from months
        where {{ add_months("month", 1) }} <= last_on
    )

select
    month,
    {{ add_months("month", 1) }} as next_month,
    {{ add_months("month", 1) }} <= {{ add_days(as_of(), 1) }} as is_posted
from months
where month is not null

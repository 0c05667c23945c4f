with

    line_months as (select * from {{ ref("int_revenue__months") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select currency from line_months group by currency),

    totals as (
        select
            months.month,
            currencies.currency,
            {{ sum_minor("line_months.billed_minor") }} as billings_minor,
            {{ sum_minor("line_months.recognized_minor") }} as revenue_minor,
            {{ sum_minor("line_months.deferred_minor") }} as deferred_minor,
            {{ sum_minor("line_months.unbilled_minor") }} as unbilled_minor
        from months
        cross join currencies
        left join
            line_months
            on line_months.month = months.month
            and line_months.currency = currencies.currency
        group by months.month, currencies.currency
    ),

    balances as (
        -- The balance is counted from the lines, not from the flows, so that R05 can
        -- compare the two.
        select *, deferred_minor - unbilled_minor as closing_minor from totals
    )

select
    month,
    currency,
    lag(closing_minor, 1, cast(0 as bigint)) over (
        partition by currency order by month
    ) as opening_minor,
    billings_minor,
    revenue_minor,
    closing_minor,
    deferred_minor,
    unbilled_minor
from balances

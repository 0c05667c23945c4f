with

    line_months as (select * from {{ ref("int_revenue__months") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    used_currencies as (select currency from line_months group by currency),

    totals as (
        select
            months.month,
            used_currencies.currency,
            {{ sum_minor("line_months.billed_minor") }} as billings_minor,
            {{ sum_minor("line_months.recognized_minor") }} as revenue_minor,
            {{ sum_minor("line_months.deferred_minor") }} as deferred_minor,
            {{ sum_minor("line_months.unbilled_minor") }} as unbilled_minor
        from months
        cross join used_currencies
        left join
            line_months
            on line_months.month = months.month
            and line_months.currency = used_currencies.currency
        group by months.month, used_currencies.currency
    ),

    balances as (
        -- The balance is counted from the lines, not from the flows, so that R05 can
        -- compare the two.
        select *, deferred_minor - unbilled_minor as closing_minor from totals
    ),

    opened as (
        select
            *,
            lag(closing_minor, 1, cast(0 as bigint)) over (
                partition by currency order by month
            ) as opening_minor
        from balances
    )

select
    opened.month,
    opened.currency,
    {% for measure in [
        "opening",
        "billings",
        "revenue",
        "closing",
        "deferred",
        "unbilled",
    ] %}
        opened.{{ measure }}_minor,
        {{
            to_usd_minor(
                "opened." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from opened
inner join currencies using (currency)

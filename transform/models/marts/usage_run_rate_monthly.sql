with

    line_months as (select * from {{ ref("int_revenue__months") }}),

    lines as (select * from {{ ref("invoice_lines") }} where revenue_type = 'usage'),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    used_currencies as (select currency from lines group by currency),

    earned as (
        select
            line_months.month,
            line_months.currency,
            {{ sum_minor("line_months.recognized_minor") }} as usage_minor
        from line_months
        inner join lines on lines.invoice_line_id = line_months.stripe_invoice_line_id
        group by line_months.month, line_months.currency
    ),

    filled as (
        select
            months.month,
            used_currencies.currency,
            coalesce(earned.usage_minor, 0) as usage_minor
        from months
        cross join used_currencies
        left join
            earned
            on earned.month = months.month
            and earned.currency = used_currencies.currency
    ),

    summed as (
        select
            month,
            currency,
            usage_minor,
            cast(
                4 * sum(usage_minor) over (
                    partition by currency
                    order by month
                    rows between 2 preceding and current row
                ) as bigint
            ) as run_rate_minor,
            row_number() over (partition by currency order by month) as months_count
        from filled
    )

select
    summed.month,
    summed.currency,
    {% for measure in ["usage", "run_rate"] %}
        summed.{{ measure }}_minor,
        {{
            to_usd_minor(
                "summed." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from summed
inner join currencies using (currency)
where summed.months_count >= 3

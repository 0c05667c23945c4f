with

    line_months as (select * from {{ ref("int_obligations__months") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    used_currencies as (select currency from line_months group by currency),

    totals as (
        select
            months.month,
            used_currencies.currency,
            {{ sum_minor("line_months.booked_minor") }} as booked_minor,
            {{ sum_minor("line_months.satisfied_minor") }} as satisfied_minor,
            {{ sum_minor("line_months.remaining_minor") }} as rpo_minor,
            {{ sum_minor("line_months.remaining_within_a_year_minor") }} as crpo_minor,
            {{
                sum_minor(
                    "case when line_months.is_over_a_year "
                    ~ "then line_months.remaining_minor else 0 end"
                )
            }} as rpo_over_a_year_minor
        from months
        cross join used_currencies
        left join
            line_months
            on line_months.month = months.month
            and line_months.currency = used_currencies.currency
        group by months.month, used_currencies.currency
    )

select
    totals.month,
    totals.currency,
    lag(totals.rpo_minor, 1, cast(0 as bigint)) over (
        partition by totals.currency order by totals.month
    ) as opening_rpo_minor,
    {% for measure in ["booked", "satisfied", "rpo", "crpo", "rpo_over_a_year"] %}
        totals.{{ measure }}_minor,
        {{
            to_usd_minor(
                "totals." ~ measure ~ "_minor", "currencies.usd_micros_per_minor"
            )
        }} as {{ measure }}_usd_minor {{- "," if not loop.last }}
    {% endfor %}
from totals
inner join currencies using (currency)

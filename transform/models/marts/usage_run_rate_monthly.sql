with

    journal as (select * from {{ ref("revenue_journal") }}),

    obligations as (
        select * from {{ ref("revenue_performance_obligations") }} where is_usage
    ),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    used_currencies as (select currency from obligations group by currency),

    earned as (
        select
            journal.month,
            journal.currency,
            {{ sum_minor("- journal.amount_minor") }} as usage_minor
        from journal
        inner join obligations using (obligation_key)
        where journal.account_role = 'revenue'
        group by journal.month, journal.currency
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
            4 * (
                usage_minor + lag(usage_minor, 1, cast(0 as bigint)) over (
                    partition by currency order by month
                )
                + lag(usage_minor, 2, cast(0 as bigint)) over (
                    partition by currency order by month
                )
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

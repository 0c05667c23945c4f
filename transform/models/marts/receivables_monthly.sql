with

    balances as (select * from {{ ref("invoice_balances_monthly") }}),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    used_currencies as (select currency from invoices group by currency),

    owed as (
        select
            month,
            currency,
            {{ sum_minor("open_minor") }} as receivables_minor,
            {% for bucket, overdue in {
                "current": "days_overdue = 0",
                "overdue_1_30": "days_overdue between 1 and 30",
                "overdue_31_60": "days_overdue between 31 and 60",
                "overdue_61_90": "days_overdue between 61 and 90",
                "overdue_over_90": "days_overdue > 90",
            }.items() %}
                {{ sum_minor("case when " ~ overdue ~ " then open_minor else 0 end") }}
                as {{ bucket }}_minor {{- "," if not loop.last }}
            {% endfor %}
        from balances
        group by month, currency
    ),

    billed as (
        select
            {{ first_of_month("issued_on") }} as month,
            currency,
            {{ sum_minor("total_minor") }} as billings_minor
        from invoices
        group by {{ first_of_month("issued_on") }}, currency
    ),

    {% set measures = [
        "receivables",
        "current",
        "overdue_1_30",
        "overdue_31_60",
        "overdue_61_90",
        "overdue_over_90",
        "billings",
    ] %}

    -- Every month has a row, so that twelve rows are twelve months.
    filled as (
        select
            months.month,
            used_currencies.currency,
            {{ days_between("months.month", "months.closes_before") }} as days_count,
            {% for measure in measures %}
                {{
                    to_usd_minor(
                        "coalesce(" ~ measure ~ "_minor, 0)",
                        "currencies.usd_micros_per_minor",
                    )
                }} as {{ measure }}_usd_minor,
                coalesce({{ measure }}_minor, 0) as {{ measure }}_minor
                {{- "," if not loop.last }}
            {% endfor %}
        from months
        cross join used_currencies
        inner join currencies on currencies.currency = used_currencies.currency
        left join
            owed
            on owed.month = months.month
            and owed.currency = used_currencies.currency
        left join
            billed
            on billed.month = months.month
            and billed.currency = used_currencies.currency
    )

select
    month,
    currency,
    days_count,
    {% for measure in measures %}
        {{ measure }}_minor, {{ measure }}_usd_minor,
    {% endfor %}
    lag(receivables_usd_minor, 1, cast(0 as bigint)) over (
        partition by currency order by month
    ) as opening_receivables_usd_minor,
    {% for measure, name in {
        "billings_usd_minor": "trailing_billings_usd_minor",
        "days_count": "trailing_days_count",
    }.items() %}
        cast(
            sum({{ measure }}) over (
                partition by currency
                order by month
                rows between 11 preceding and current row
            ) as bigint
        ) as {{ name }} {{- "," if not loop.last }}
    {% endfor %}
from filled

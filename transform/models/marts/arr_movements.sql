with

    segments as (select * from {{ ref("contract_segments") }} where is_recurring),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    first_months as (
        select customer_id, currency, min(starts_on) as first_on
        from segments
        group by customer_id, currency
    ),

    -- In force at the end of the month's last day.
    closings as (
        select
            first_months.customer_id,
            first_months.currency,
            months.month,
            {{ sum_minor("segments.arr_minor") }} as closing_minor
        from first_months
        inner join months on months.closes_before > first_months.first_on
        left join
            segments
            on segments.customer_id = first_months.customer_id
            and segments.currency = first_months.currency
            and segments.starts_on < months.closes_before
            and segments.ends_before >= months.closes_before
        group by first_months.customer_id, first_months.currency, months.month
    ),

    in_usd as (
        select
            closings.customer_id,
            closings.currency,
            closings.month,
            closings.closing_minor,
            {{
                to_usd_minor(
                    "closings.closing_minor", "currencies.usd_micros_per_minor"
                )
            }} as closing_usd_minor
        from closings
        inner join currencies using (currency)
    ),

    opened as (
        select
            *,
            lag(closing_minor, 1, cast(0 as bigint)) over (
                partition by customer_id, currency order by month
            ) as opening_minor,
            lag(closing_usd_minor, 1, cast(0 as bigint)) over (
                partition by customer_id, currency order by month
            ) as opening_usd_minor,
            -- In whatever currency: a customer is new once.
            min(case when closing_minor <> 0 then month end) over (
                partition by customer_id
            ) as first_active_month
        from in_usd
    ),

    named as (
        select
            *,
            case
                when opening_minor = closing_minor
                then 'none'
                when opening_minor = 0 and month = first_active_month
                then 'new'
                when opening_minor = 0
                then 'reactivation'
                when closing_minor = 0
                then 'churn'
                when closing_minor > opening_minor
                then 'expansion'
                else 'contraction'
            end as movement
        from opened
        where opening_minor <> 0 or closing_minor <> 0
    )

select
    customer_id,
    currency,
    month,
    opening_minor,
    {% for movement in ["new", "expansion", "contraction", "churn", "reactivation"] %}
        case
            when movement = '{{ movement }}'
            then closing_minor - opening_minor
            else cast(0 as bigint)
        end as {{ movement }}_minor,
    {% endfor %}
    closing_minor,
    opening_usd_minor,
    {% for movement in ["new", "expansion", "contraction", "churn", "reactivation"] %}
        case
            when movement = '{{ movement }}'
            then closing_usd_minor - opening_usd_minor
            else cast(0 as bigint)
        end as {{ movement }}_usd_minor,
    {% endfor %}
    closing_usd_minor
from named

-- Whole intervals are counted from the subscription's anchor and not from each other,
-- so
-- that the 31st stays the 31st.
with

    segments as (
        select *
        from {{ ref("int_subscriptions__segments") }}
        where usage_type = 'metered' and recorded_to is null
    ),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    months as (
        select row_number() over (order by month) - 1 as month_number
        from {{ ref("int_calendar__months") }}
    ),

    metered as (
        select
            segments.billing_system,
            subscriptions.billing_customer_id,
            segments.subscription_id,
            segments.price_id,
            segments.meter_id,
            segments.sku,
            segments.currency,
            subscriptions.anchored_on,
            case segments.billing_interval when 'month' then 1 when 'year' then 12 end
            * segments.interval_count as interval_months,
            min(segments.valid_from) as starts_on,
            max(coalesce(segments.valid_to, {{ add_days(as_of(), 1) }})) as ends_before
        from segments
        inner join subscriptions using (billing_system, subscription_id)
        where not segments.is_trial
        group by
            segments.billing_system,
            subscriptions.billing_customer_id,
            segments.subscription_id,
            segments.price_id,
            segments.meter_id,
            segments.sku,
            segments.currency,
            subscriptions.anchored_on,
            segments.billing_interval,
            segments.interval_count
    ),

    numbered as (
        select
            metered.*,
            {{
                add_months(
                    "metered.anchored_on",
                    "cast(months.month_number * metered.interval_months as integer)",
                )
            }} as period_starts_on,
            {{
                add_months(
                    "metered.anchored_on",
                    "cast((months.month_number + 1) * metered.interval_months as integer)",
                )
            }}
            as period_ends_before
        from metered
        cross join months
        where metered.interval_months is not null
    )

select
    billing_system,
    billing_customer_id,
    subscription_id,
    price_id,
    meter_id,
    sku,
    currency,
    greatest(period_starts_on, starts_on) as starts_on,
    -- What is used in a period that the end cuts short is billed in it.
    case
        when period_ends_before > ends_before and ends_before <= {{ as_of() }}
        then ends_before
        else period_ends_before
    end as ends_before
from numbered
where
    period_starts_on <= {{ as_of() }}
    and period_starts_on < ends_before
    and period_ends_before > starts_on

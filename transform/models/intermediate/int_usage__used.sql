with

    -- Which of several prices a unit has nobody can tell: those periods are held.
    periods as (select * from {{ ref("int_usage__periods") }} where prices_count = 1),

    usage_days as (select * from {{ ref("int_usage__daily") }}),

    meters as (select * from {{ ref("int_meters__stated") }}),

    prices as (select * from {{ ref("int_prices__stated") }}),

    -- What is counted for no subscription is for each of the customer's.
    counted as (
        select
            periods.subscription_id,
            periods.price_id,
            periods.starts_on,
            usage_days.used_on,
            usage_days.quantity
        from periods
        inner join
            usage_days
            on usage_days.billing_system = periods.billing_system
            and usage_days.billing_customer_id = periods.billing_customer_id
            and usage_days.meter_id = periods.meter_id
            and usage_days.used_on >= periods.starts_on
            and usage_days.used_on < periods.ends_before
        where
            usage_days.used_on <= {{ as_of() }}
            and coalesce(usage_days.subscription_id, periods.subscription_id)
            = periods.subscription_id
    ),

    matched as (
        select
            periods.*,
            meters.aggregation,
            counted.quantity as day_quantity,
            row_number() over (
                partition by
                    periods.subscription_id, periods.price_id, periods.starts_on
                order by counted.used_on desc nulls last
            ) as recency_rank
        from periods
        left join meters using (billing_system, meter_id)
        left join counted using (subscription_id, price_id, starts_on)
    ),

    used as (
        select
            billing_system,
            billing_customer_id,
            subscription_id,
            price_id,
            meter_id,
            sku,
            currency,
            starts_on,
            ends_before,
            cast(
                coalesce(
                    case
                        aggregation
                        when 'max'
                        then max(day_quantity)
                        when 'last'
                        then max(case when recency_rank = 1 then day_quantity end)
                        else sum(day_quantity)
                    end,
                    0
                ) as decimal(38, 9)
            ) as used_quantity
        from matched
        group by
            billing_system,
            billing_customer_id,
            subscription_id,
            price_id,
            meter_id,
            sku,
            currency,
            starts_on,
            ends_before,
            aggregation
    )

select
    used.billing_system,
    used.billing_customer_id,
    used.subscription_id,
    used.price_id,
    used.meter_id,
    used.sku,
    used.currency,
    used.starts_on,
    used.ends_before,
    used.used_quantity,
    cast(
        greatest(used.used_quantity - prices.free_quantity, 0) as decimal(38, 9)
    ) as priced_quantity
from used
inner join prices using (billing_system, price_id)

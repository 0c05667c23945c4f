with

    summaries as (
        select * from {{ ref("stg_stripe__meter_summaries") }} where not is_deleted
    ),

    usages as (select * from {{ ref("stg_chargebee__usages") }} where not is_deleted),

    subscriptions as (select * from {{ ref("stg_chargebee__subscriptions") }}),

    item_prices as (select * from {{ ref("stg_chargebee__item_prices") }}),

    meters as (select * from {{ ref("int_meters__stated") }}),

    told as (
        -- One window of a meter is one number, however often it stands there.
        select
            'stripe' as billing_system,
            stripe_customer_id as billing_customer_id,
            cast(null as {{ dbt.type_string() }}) as subscription_id,
            stripe_meter_id as meter_id,
            starts_at as used_at,
            quantity,
            {{ loaded_at("load_id") }} as ingested_at,
            row_number() over (
                partition by stripe_customer_id, stripe_meter_id, starts_at, ends_at
                order by load_id desc, {{ by_bytes("stripe_meter_summary_id") }}
            ) as arrival_rank
        from summaries

        union all

        -- Chargebee knows no key of a usage but its own id: the same quantity at the
        -- same instant was sent twice.
        select
            'chargebee' as billing_system,
            subscriptions.chargebee_customer_id as billing_customer_id,
            usages.chargebee_subscription_id as subscription_id,
            item_prices.chargebee_item_id as meter_id,
            usages.used_at,
            usages.quantity,
            coalesce(
                usages.created_at, {{ loaded_at("usages.load_id") }}
            ) as ingested_at,
            row_number() over (
                partition by
                    usages.chargebee_subscription_id,
                    usages.chargebee_item_price_id,
                    usages.used_at,
                    usages.quantity
                order by usages.created_at, {{ by_bytes("usages.chargebee_usage_id") }}
            ) as arrival_rank
        from usages
        left join subscriptions using (chargebee_subscription_id)
        left join item_prices using (chargebee_item_price_id)
    ),

    counted as (
        select
            *,
            {{ utc_date("used_at") }} as used_on,
            arrival_rank > 1 as is_duplicate,
            -- Held: a meter counts up, never down.
            case when arrival_rank = 1 and quantity >= 0 then quantity end as counts,
            row_number() over (
                partition by
                    billing_system,
                    billing_customer_id,
                    subscription_id,
                    meter_id,
                    {{ utc_date("used_at") }}
                order by arrival_rank, used_at desc
            ) as recency_rank
        from told
    )

select
    counted.billing_system,
    counted.billing_customer_id,
    counted.subscription_id,
    counted.meter_id,
    counted.used_on,
    cast(
        coalesce(
            case
                max(meters.aggregation)
                when 'max'
                then max(counted.counts)
                when 'last'
                then max(case when counted.recency_rank = 1 then counted.counts end)
                else sum(counted.counts)
            end,
            0
        ) as decimal(38, 9)
    ) as quantity,
    count(*) as event_count,
    {{ count_where("counted.is_duplicate") }} as duplicate_count,
    {{ count_where("not counted.is_duplicate and counted.counts is null") }}
    as held_count,
    min(counted.ingested_at) as first_ingested_at,
    max(counted.ingested_at) as last_ingested_at
from counted
left join meters using (billing_system, meter_id)
group by
    counted.billing_system,
    counted.billing_customer_id,
    counted.subscription_id,
    counted.meter_id,
    counted.used_on

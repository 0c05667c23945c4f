-- Items whose price says too little to tell an amount, with the reason.
with

    -- Two items of a subscription may have one price.
    items as (
        select billing_system, subscription_id, price_id
        from {{ ref("int_subscriptions__items") }}
        group by billing_system, subscription_id, price_id
    ),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    prices as (select * from {{ ref("int_prices__stated") }}),

    tiers as (
        select billing_system, price_id
        from {{ ref("int_prices__tiers") }}
        group by billing_system, price_id
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    judged as (
        select
            items.billing_system,
            items.subscription_id,
            items.price_id,
            subscriptions.currency,
            records.customer_id,
            case
                when prices.price_id is null
                then 'unknown_price'
                when tiers.price_id is null and prices.usage_type = 'metered'
                then 'metered_price_without_tiers'
                when tiers.price_id is null
                then 'price_without_terms'
                when prices.usage_type = 'one_time'
                then 'price_without_interval'
                when
                    prices.usage_type = 'metered'
                    and prices.billing_interval not in ('month', 'year')
                then 'metered_by_day_or_week'
            end as reason_code
        from items
        inner join subscriptions using (billing_system, subscription_id)
        left join
            prices
            on prices.billing_system = items.billing_system
            and prices.price_id = items.price_id
        left join
            tiers
            on tiers.billing_system = items.billing_system
            and tiers.price_id = items.price_id
        left join
            records
            on records.system = items.billing_system
            and records.record_id = subscriptions.billing_customer_id
    )

select
    'subscription_item' as entity,
    billing_system as system,
    subscription_id || ':' || price_id as record_id,
    customer_id,
    reason_code,
    case
        reason_code
        when 'unknown_price'
        then 'Has a price that the billing system does not list'
        when 'metered_price_without_tiers'
        then 'Has a metered price of which no unit price and no tier is known'
        when 'price_without_terms'
        then 'Has a price of which no amount is known'
        when 'price_without_interval'
        then 'Has a price that is not billed by the period'
        else
            'Has a metered price billed by the day or week, whose periods are not rated'
    end as reason,
    -- Nobody can say what it costs: that is why it is held.
    cast(null as bigint) as amount_minor,
    currency
from judged
where reason_code is not null

-- The tiers by which each price of a subscription is rated: those of the price, unless
-- Chargebee holds another price for a unit at the subscription's own item.
with

    segments as (select * from {{ ref("int_subscriptions__joined") }}),

    usage_billed as (select * from {{ ref("int_usage__billed") }}),

    tiers as (select * from {{ ref("int_prices__tiers") }}),

    overrides as (
        select
            chargebee_subscription_id as subscription_id,
            chargebee_item_price_id as price_id,
            unit_price
        from {{ ref("stg_chargebee__subscription_items") }}
        where not is_deleted and unit_price is not null
    ),

    keys as (
        select billing_system, subscription_id, price_id
        from segments
        union
        select billing_system, subscription_id, price_id
        from usage_billed
    )

select
    keys.billing_system,
    keys.subscription_id,
    keys.price_id,
    case
        when overrides.unit_price is null or tiers.pricing_model = 'flat'
        then tiers.pricing_model
        else 'per_unit'
    end as pricing_model,
    tiers.tier_number,
    tiers.starts_after,
    case when overrides.unit_price is null then tiers.up_to end as up_to,
    case
        when overrides.unit_price is null or tiers.pricing_model = 'flat'
        then tiers.unit_price
        else overrides.unit_price
    end as unit_price,
    case
        when overrides.unit_price is null
        then tiers.flat_price
        when tiers.pricing_model = 'flat'
        then overrides.unit_price
        else {{ exact_price("0") }}
    end as flat_price,
    case when overrides.unit_price is null then tiers.package_size end as package_size,
    tiers.package_rounds
from keys
inner join tiers using (billing_system, price_id)
left join
    overrides
    on overrides.subscription_id = keys.subscription_id
    and overrides.price_id = keys.price_id
where overrides.unit_price is null or tiers.tier_number = 1

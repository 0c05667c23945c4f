with

    stripe_prices as (select * from {{ ref("stg_stripe__prices") }}),

    stripe_products as (select * from {{ ref("stg_stripe__products") }}),

    item_prices as (select * from {{ ref("stg_chargebee__item_prices") }}),

    items as (select * from {{ ref("stg_chargebee__items") }}),

    prices as (
        select
            'stripe' as billing_system,
            stripe_prices.stripe_price_id as price_id,
            stripe_products.sku,
            stripe_prices.currency,
            stripe_prices.pricing_model,
            coalesce(stripe_prices.usage_type, 'one_time') as usage_type,
            stripe_prices.stripe_meter_id as meter_id,
            stripe_prices.billing_interval,
            stripe_prices.interval_count,
            stripe_prices.unit_price,
            stripe_prices.package_size,
            stripe_prices.package_rounds,
            {{ exact_quantity("0") }} as free_quantity,
            stripe_prices.is_active,
            stripe_prices.created_at
        from stripe_prices
        left join stripe_products using (stripe_product_id)
        where not stripe_prices.is_deleted

        union all

        select
            'chargebee' as billing_system,
            item_prices.chargebee_item_price_id as price_id,
            items.sku,
            item_prices.currency,
            item_prices.pricing_model,
            case
                when items.is_metered
                then 'metered'
                when item_prices.billing_interval is null
                then 'one_time'
                else 'licensed'
            end as usage_type,
            case when items.is_metered then items.chargebee_item_id end as meter_id,
            item_prices.billing_interval,
            item_prices.interval_count,
            item_prices.unit_price,
            cast(null as bigint) as package_size,
            cast(null as {{ dbt.type_string() }}) as package_rounds,
            {{ exact_quantity("item_prices.free_quantity") }} as free_quantity,
            item_prices.is_active,
            item_prices.created_at
        from item_prices
        left join items using (chargebee_item_id)
        where not item_prices.is_deleted
    )

select
    billing_system,
    price_id,
    sku,
    currency,
    pricing_model,
    usage_type,
    meter_id,
    billing_interval,
    interval_count,
    unit_price,
    package_size,
    package_rounds,
    free_quantity,
    is_active,
    created_at
from prices

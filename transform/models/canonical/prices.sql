with

    prices as (select * from {{ ref("int_prices__stated") }}),

    tiers as (select * from {{ ref("int_prices__tiers") }}),

    lines as (
        select
            tiers.billing_system,
            tiers.price_id,
            tiers.tier_number,
            {{ tier_terms("tiers") }} as terms
        from tiers
    ),

    versions as (
        select
            prices.price_id,
            {{
                rating_version(
                    "min(prices.free_quantity)", "lines.terms", "lines.tier_number"
                )
            }} as rating_version
        from prices
        inner join lines using (billing_system, price_id)
        group by prices.price_id
    )

select
    prices.price_id,
    prices.billing_system,
    prices.sku as product_id,
    prices.currency,
    prices.pricing_model,
    prices.usage_type,
    prices.meter_id,
    prices.billing_interval,
    prices.interval_count,
    prices.unit_price,
    prices.package_size,
    prices.package_rounds,
    prices.free_quantity,
    prices.is_active,
    {{ utc_date("prices.created_at") }} as valid_from,
    versions.rating_version
from prices
left join versions using (price_id)

-- What each tier costs, exactly, and the share of the amount that it is: the amount is
-- rounded once, so the tiers' shares are differences of what was rounded up to them.
with

    used as (select * from {{ ref("int_usage__used") }}),

    tiers as (select * from {{ ref("int_subscriptions__terms") }}),

    rated as (
        select
            used.subscription_id,
            used.price_id,
            used.starts_on,
            tiers.tier_number,
            tiers.unit_price,
            tiers.flat_price,
            {{ tier_terms("tiers") }} as terms,
            {{
                tier_units(
                    "tiers.pricing_model",
                    "used.priced_quantity",
                    "tiers.starts_after",
                    "tiers.up_to",
                    "tiers.package_size",
                    "tiers.package_rounds",
                )
            }} as quantity,
            {{
                tier_price(
                    "tiers.pricing_model",
                    "used.priced_quantity",
                    "tiers.starts_after",
                    "tiers.up_to",
                    "tiers.unit_price",
                    "tiers.flat_price",
                    "tiers.package_size",
                    "tiers.package_rounds",
                )
            }} as exact_price
        from used
        inner join tiers using (billing_system, subscription_id, price_id)
    ),

    summed as (
        select
            *,
            {{
                priced_minor(
                    "sum(exact_price) over (partition by subscription_id, price_id, starts_on order by tier_number)"
                )
            }}
            as amount_to_date_minor
        from rated
    )

select
    subscription_id,
    price_id,
    starts_on,
    tier_number,
    quantity,
    unit_price,
    flat_price,
    terms,
    amount_to_date_minor - lag(amount_to_date_minor, 1, cast(0 as bigint)) over (
        partition by subscription_id, price_id, starts_on order by tier_number
    ) as amount_minor
from summed

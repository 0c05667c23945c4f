with

    prices as (select * from {{ ref("int_prices__stated") }}),

    stripe_tiers as (select * from {{ ref("stg_stripe__price_tiers") }}),

    item_price_tiers as (select * from {{ ref("stg_chargebee__item_price_tiers") }}),

    -- A price without tiers is one tier without an end.
    stated as (
        select
            price_id,
            cast(1 as bigint) as tier_number,
            cast(null as decimal(38, 9)) as up_to,
            case
                when pricing_model = 'flat' then {{ exact_price("0") }} else unit_price
            end as unit_price,
            case
                when pricing_model = 'flat' then unit_price else {{ exact_price("0") }}
            end as flat_price,
            package_size,
            package_rounds
        from prices
        where
            pricing_model in ('flat', 'per_unit', 'package') and unit_price is not null

        union all

        select
            stripe_price_id as price_id,
            tier_number,
            up_to,
            unit_price,
            flat_price,
            cast(null as bigint) as package_size,
            cast(null as {{ dbt.type_string() }}) as package_rounds
        from stripe_tiers
        where not is_deleted

        union all

        select
            chargebee_item_price_id as price_id,
            tier_number,
            up_to,
            unit_price,
            flat_price,
            package_size,
            cast(null as {{ dbt.type_string() }}) as package_rounds
        from item_price_tiers
        where not is_deleted
    )

select
    prices.billing_system,
    prices.price_id,
    prices.pricing_model,
    stated.tier_number,
    coalesce(
        lag(stated.up_to) over (
            partition by stated.price_id order by stated.tier_number
        ),
        {{ exact_quantity("0") }}
    ) as starts_after,
    stated.up_to,
    stated.unit_price,
    stated.flat_price,
    stated.package_size,
    stated.package_rounds
from stated
inner join prices using (price_id)

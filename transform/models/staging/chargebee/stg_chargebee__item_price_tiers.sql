with

    prices as (select * from {{ source("raw_chargebee", "item_prices") }}),

    listed as (
        select
            prices.id as chargebee_item_price_id,
            prices.pricing_model,
            tiers.number as tier_number,
            tiers.element as tier,
            prices.is_deleted,
            prices._dlt_load_id as load_id
        from prices
        cross join {{ json_elements("prices.record", ["tiers"]) }} as tiers
    ),

    stated as (
        select
            chargebee_item_price_id,
            tier_number,
            -- The last tier has no end.
            coalesce(
                {{ json_text("tier", ["ending_unit_in_decimal"]) }},
                {{ json_text("tier", ["ending_unit"]) }}
            ) as up_to,
            coalesce(
                {{ json_text("tier", ["price_in_decimal"]) }},
                {{ json_text("tier", ["price"]) }},
                '0'
            ) as price,
            -- A tier of stairs, or one that says so, has one price for all its units.
            pricing_model = 'stairstep'
            or coalesce({{ json_text("tier", ["pricing_type"]) }}, '')
            = 'flat_fee' as is_flat,
            {{ json_text("tier", ["package_size"]) }} as package_size,
            is_deleted,
            load_id
        from listed
    )

select
    chargebee_item_price_id,
    tier_number,
    {{ exact_quantity("up_to") }} as up_to,
    {{ exact_price("case when is_flat then '0' else price end") }} as unit_price,
    {{ exact_price("case when is_flat then price else '0' end") }} as flat_price,
    cast(package_size as bigint) as package_size,
    is_deleted,
    load_id
from stated

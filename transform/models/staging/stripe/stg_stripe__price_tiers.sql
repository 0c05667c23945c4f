with prices as (select * from {{ source("raw_stripe", "prices") }})

select
    prices.id as stripe_price_id,
    tiers.number as tier_number,
    -- The last tier has no end.
    {{ exact_quantity(json_text("tiers.element", ["up_to"])) }} as up_to,
    {{
        exact_price(
            "coalesce("
            ~ json_text("tiers.element", ["unit_amount_decimal"])
            ~ ", "
            ~ json_text("tiers.element", ["unit_amount"])
            ~ ", '0')"
        )
    }} as unit_price,
    {{
        exact_price(
            "coalesce("
            ~ json_text("tiers.element", ["flat_amount_decimal"])
            ~ ", "
            ~ json_text("tiers.element", ["flat_amount"])
            ~ ", '0')"
        )
    }} as flat_price,
    prices.is_deleted,
    prices._dlt_load_id as load_id
from prices
cross join {{ json_elements("prices.record", ["tiers"]) }} as tiers

with tiers as (select * from {{ ref("int_prices__tiers") }})

select
    price_id,
    tier_number,
    starts_after,
    up_to,
    unit_price,
    flat_price,
    package_size,
    package_rounds
from tiers

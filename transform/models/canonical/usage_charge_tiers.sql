with tiers as (select * from {{ ref("int_usage__rated_tiers") }})

select
    subscription_id
    || ':'
    || price_id
    || ':'
    || {{ iso_day("starts_on") }} as usage_charge_id,
    tier_number,
    quantity,
    unit_price,
    flat_price,
    amount_minor
from tiers

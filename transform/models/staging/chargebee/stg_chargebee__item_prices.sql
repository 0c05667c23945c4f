select
    id as chargebee_item_price_id,
    item_id as chargebee_item_id,
    name,
    item_type,
    upper(currency_code) as currency,
    case
        pricing_model
        when 'flat_fee'
        then 'flat'
        when 'tiered'
        then 'graduated'
        else pricing_model
    end as pricing_model,
    price as unit_minor,
    {{ exact_price("coalesce(price_in_decimal, cast(price as varchar))") }}
    as unit_price,
    period_unit as billing_interval,
    period as interval_count,
    coalesce(free_quantity, 0) as free_quantity,
    status = 'active' as is_active,
    created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "item_prices") }}

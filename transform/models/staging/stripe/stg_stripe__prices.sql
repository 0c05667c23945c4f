select
    id as stripe_price_id,
    product as stripe_product_id,
    upper(currency) as currency,
    unit_amount as unit_minor,
    recurring_interval as billing_interval,
    recurring_usage_type as usage_type,
    recurring_meter as stripe_meter_id,
    active as is_active,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "prices") }}

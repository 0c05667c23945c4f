select
    id as stripe_price_id,
    product as stripe_product_id,
    upper(currency) as currency,
    unit_amount as unit_minor,
    {{ exact_price("coalesce(unit_amount_decimal, cast(unit_amount as varchar))") }}
    as unit_price,
    case
        when tiers_mode is not null
        then tiers_mode
        when transform_quantity_divide_by is not null
        then 'package'
        else billing_scheme
    end as pricing_model,
    transform_quantity_divide_by as package_size,
    transform_quantity_round as package_rounds,
    recurring_interval as billing_interval,
    recurring_interval_count as interval_count,
    recurring_usage_type as usage_type,
    recurring_meter as stripe_meter_id,
    active as is_active,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "prices") }}

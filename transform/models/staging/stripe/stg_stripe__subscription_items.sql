select
    id as stripe_subscription_item_id,
    subscription as stripe_subscription_id,
    price as stripe_price_id,
    quantity,
    created as created_at,
    current_period_start as period_starts_at,
    current_period_end as period_ends_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "subscription_items") }}

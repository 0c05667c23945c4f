select
    id as stripe_subscription_item_id,
    subscription as stripe_subscription_id,
    price as stripe_price_id,
    quantity,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "subscription_items") }}

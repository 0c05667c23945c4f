select
    subscription_id as chargebee_subscription_id,
    item_price_id as chargebee_item_price_id,
    item_type,
    quantity,
    {{ exact_price("coalesce(unit_price_in_decimal, cast(unit_price as varchar))") }}
    as unit_price,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "subscription_items") }}

select
    id as chargebee_usage_id,
    subscription_id as chargebee_subscription_id,
    item_price_id as chargebee_item_price_id,
    {{ exact_quantity("quantity") }} as quantity,
    usage_date as used_at,
    created_at,
    invoice_id as chargebee_invoice_id,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "usages") }}

select
    {{ json_text("record", ["subscription_id"]) }} as chargebee_subscription_id,
    {{ json_text("record", ["item_price_id"]) }} as chargebee_item_price_id,
    cast({{ json_text("record", ["quantity"]) }} as bigint) as quantity,
    is_deleted,
    {{ loaded_at("loaded_by") }} as loaded_at,
    superseded_at
from {{ source("raw_chargebee", "_history") }}
where stream = 'subscription_items'

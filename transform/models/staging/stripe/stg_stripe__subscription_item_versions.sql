select
    record_id as stripe_subscription_item_id,
    {{ json_text("record", ["subscription"]) }} as stripe_subscription_id,
    {{ json_text("record", ["price", "id"]) }} as stripe_price_id,
    cast({{ json_text("record", ["quantity"]) }} as bigint) as quantity,
    {{ unix_instant(json_text("record", ["created"])) }} as created_at,
    is_deleted,
    {{ loaded_at("loaded_by") }} as loaded_at,
    superseded_at
from {{ source("raw_stripe", "_history") }}
where stream = 'subscription_items'

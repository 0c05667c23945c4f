select
    id as stripe_invoice_item_id,
    customer as stripe_customer_id,
    amount as amount_minor,
    upper(currency) as currency,
    description,
    date as dated_at,
    invoice as stripe_invoice_id,
    {{ filled("metadata_concord_key") }} as concord_key,
    {{ json_text("record", ["parent", "subscription_details", "subscription"]) }}
    as stripe_subscription_id,
    {{ json_text("record", ["pricing", "price_details", "price"]) }} as stripe_price_id,
    cast({{ json_text("record", ["quantity"]) }} as bigint) as quantity,
    cast({{ json_text("record", ["proration"]) }} as boolean) as is_proration,
    {{ unix_instant(json_text("record", ["period", "start"])) }} as period_starts_at,
    {{ unix_instant(json_text("record", ["period", "end"])) }} as period_ends_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "invoice_items") }}

select
    id as stripe_invoice_line_id,
    invoice as stripe_invoice_id,
    amount as gross_minor,
    discount_amount as discount_minor,
    tax_amount as tax_minor,
    tax_included_amount as tax_included_minor,
    upper(currency) as currency,
    description,
    quantity,
    price as stripe_price_id,
    product as stripe_product_id,
    period_start as period_starts_at,
    period_end as period_ends_at,
    invoice_item as stripe_invoice_item_id,
    coalesce(
        {{ json_text("record", ["parent", "subscription_item_details", "proration"]) }},
        {{ json_text("record", ["parent", "invoice_item_details", "proration"]) }}
    )
    = 'true' as is_proration,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "invoice_lines") }}

select
    id as stripe_invoice_item_id,
    customer as stripe_customer_id,
    amount as amount_minor,
    upper(currency) as currency,
    description,
    date as dated_at,
    invoice as stripe_invoice_id,
    {{ filled("metadata_concord_key") }} as concord_key,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "invoice_items") }}

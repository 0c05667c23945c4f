select
    id as stripe_credit_note_id,
    invoice as stripe_invoice_id,
    customer as stripe_customer_id,
    number,
    status,
    reason,
    upper(currency) as currency,
    total as total_minor,
    cast(
        {{ json_text("record", ["total_excluding_tax"]) }} as bigint
    ) as total_excluding_tax_minor,
    discount_amount as discount_minor,
    coalesce(pre_payment_amount, 0) as pre_payment_minor,
    coalesce(post_payment_amount, 0) as post_payment_minor,
    coalesce(out_of_band_amount, 0) as out_of_band_minor,
    refund as stripe_refund_id,
    customer_balance_transaction as stripe_customer_balance_transaction_id,
    coalesce(effective_at, created) as issued_at,
    voided_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "credit_notes") }}

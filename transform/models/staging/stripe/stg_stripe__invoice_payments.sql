select
    id as stripe_invoice_payment_id,
    invoice as stripe_invoice_id,
    payment_intent as stripe_payment_id,
    amount_paid as paid_minor,
    upper(currency) as currency,
    status,
    created as created_at,
    {{ unix_instant(json_text("record", ["status_transitions", "paid_at"])) }}
    as paid_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "invoice_payments") }}

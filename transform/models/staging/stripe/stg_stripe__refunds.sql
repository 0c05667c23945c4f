select
    id as stripe_refund_id,
    payment_intent as stripe_payment_id,
    charge as stripe_charge_id,
    amount as amount_minor,
    upper(currency) as currency,
    status,
    reason,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "refunds") }}

select
    id as stripe_dispute_id,
    charge as stripe_charge_id,
    payment_intent as stripe_payment_id,
    amount as amount_minor,
    upper(currency) as currency,
    status,
    reason,
    moved_amount as moved_minor,
    moved_fee as fee_minor,
    evidence_due_by as evidence_due_at,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "disputes") }}

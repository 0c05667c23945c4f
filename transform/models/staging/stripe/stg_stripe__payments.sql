select
    id as stripe_payment_id,
    customer as stripe_customer_id,
    amount as amount_minor,
    amount_received as received_minor,
    upper(currency) as currency,
    status,
    latest_charge as stripe_charge_id,
    last_payment_error_code as failure_code,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "payments") }}

select
    id as stripe_charge_id,
    customer as stripe_customer_id,
    payment_intent as stripe_payment_id,
    balance_transaction as stripe_balance_transaction_id,
    amount as amount_minor,
    amount_refunded as refunded_minor,
    upper(currency) as currency,
    status,
    failure_code,
    payment_method_type as payment_method,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "charges") }}

select
    id as chargebee_transaction_id,
    type as transaction_type,
    customer_id as chargebee_customer_id,
    status,
    upper(currency_code) as currency,
    amount as amount_minor,
    payment_method,
    gateway,
    error_code as failure_code,
    refunded_txn_id as refunded_transaction_id,
    date as made_at,
    voided_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "transactions") }}

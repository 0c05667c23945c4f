select
    id as stripe_balance_transaction_id,
    type,
    reporting_category,
    source as stripe_source_id,
    amount as amount_minor,
    fee as fee_minor,
    net as net_minor,
    upper(currency) as currency,
    status,
    available_on as available_at,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "balance_transactions") }}

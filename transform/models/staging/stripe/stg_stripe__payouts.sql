select
    id as stripe_payout_id,
    amount as amount_minor,
    upper(currency) as currency,
    status,
    automatic as is_automatic,
    reconciliation_status,
    failure_code,
    destination as bank_account_id,
    {{ filled("trace_id") }} as trace_id,
    {{ filled("statement_descriptor") }} as statement_descriptor,
    arrival_date as arrives_at,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "payouts") }}

select
    id as chargebee_transaction_invoice_id,
    transaction_id as chargebee_transaction_id,
    invoice_id as chargebee_invoice_id,
    applied_amount as applied_minor,
    applied_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "transaction_invoices") }}

select
    id as chargebee_transaction_credit_note_id,
    transaction_id as chargebee_transaction_id,
    cn_id as chargebee_credit_note_id,
    cn_reference_invoice_id as chargebee_invoice_id,
    applied_amount as applied_minor,
    applied_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "transaction_credit_notes") }}

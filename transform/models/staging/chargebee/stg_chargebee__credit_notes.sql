select
    id as chargebee_credit_note_id,
    customer_id as chargebee_customer_id,
    subscription_id as chargebee_subscription_id,
    reference_invoice_id as chargebee_invoice_id,
    type as credit_note_type,
    status,
    reason_code,
    upper(currency_code) as currency,
    sub_total as subtotal_minor,
    total as total_minor,
    date as issued_at,
    voided_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "credit_notes") }}

select
    id as chargebee_credit_note_allocation_id,
    credit_note_id as chargebee_credit_note_id,
    invoice_id as chargebee_invoice_id,
    allocated_amount as allocated_minor,
    allocated_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "credit_note_allocations") }}

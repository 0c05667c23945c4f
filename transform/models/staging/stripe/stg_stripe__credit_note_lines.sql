select
    id as stripe_credit_note_line_id,
    credit_note as stripe_credit_note_id,
    invoice_line_item as stripe_invoice_line_id,
    type,
    description,
    quantity,
    amount as gross_minor,
    coalesce(discount_amount, 0) as discount_minor,
    tax_amount as tax_minor,
    tax_included_amount as tax_included_minor,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "credit_note_lines") }}

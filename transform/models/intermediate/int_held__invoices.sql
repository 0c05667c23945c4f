with invoices as (select * from {{ ref("int_invoices__issued") }})

select
    'invoice' as entity,
    billing_system as system,
    invoice_id as record_id,
    customer_id,
    held_for as reason_code,
    {{ held_document("Invoice", "coalesce(number, invoice_id)") }} as reason,
    total_minor as amount_minor,
    currency
from invoices
where held_for is not null

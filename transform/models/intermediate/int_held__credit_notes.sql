with notes as (select * from {{ ref("int_credit_notes__issued") }})

select
    'credit_note' as entity,
    billing_system as system,
    credit_note_id as record_id,
    customer_id,
    held_for as reason_code,
    {{ held_document("Credit note", "coalesce(number, credit_note_id)") }} as reason,
    total_minor as amount_minor,
    currency
from notes
where held_for is not null

with payments as (select * from {{ ref("int_payments__made") }})

select
    'payment' as entity,
    billing_system as system,
    payment_id as record_id,
    customer_id,
    held_for as reason_code,
    {{ held_document("Payment", "payment_id") }} as reason,
    amount_minor,
    currency
from payments
where held_for is not null

with

    refunds as (select * from {{ ref("int_refunds__made") }} where held_for is null),

    payments as (select * from {{ ref("payments") }})

select
    refunds.refund_id,
    refunds.billing_system,
    refunds.payment_id,
    payments.legal_entity_code,
    refunds.customer_id,
    coalesce(refunds.invoice_id, payments.invoice_id) as invoice_id,
    refunds.credit_note_id,
    refunds.status,
    refunds.reason,
    refunds.refunded_on,
    refunds.currency,
    refunds.amount_minor
from refunds
inner join payments using (billing_system, payment_id)

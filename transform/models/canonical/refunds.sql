with

    refunds as (select * from {{ ref("stg_stripe__refunds") }} where not is_deleted),

    payments as (select * from {{ ref("payments") }})

select
    refunds.stripe_refund_id as refund_id,
    refunds.stripe_payment_id as payment_id,
    payments.customer_id,
    payments.invoice_id,
    refunds.status,
    refunds.reason,
    {{ utc_date("refunds.created_at") }} as refunded_on,
    refunds.currency,
    refunds.amount_minor
from refunds
left join payments on payments.payment_id = refunds.stripe_payment_id

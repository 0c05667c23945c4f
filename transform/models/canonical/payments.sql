with

    payments as (select * from {{ ref("stg_stripe__payments") }} where not is_deleted),

    invoice_payments as (
        select * from {{ ref("stg_stripe__invoice_payments") }} where not is_deleted
    ),

    invoices as (select * from {{ ref("invoices") }}),

    records as (select * from {{ ref("customer_records") }}),

    applied as (
        select
            stripe_payment_id,
            max(stripe_invoice_id) as invoice_id,
            {{ sum_minor("case when status = 'paid' then paid_minor else 0 end") }}
            as applied_minor
        from invoice_payments
        group by stripe_payment_id
    )

select
    payments.stripe_payment_id as payment_id,
    records.customer_id,
    applied.invoice_id,
    payments.status,
    payments.failure_code,
    -- An intent is made with the invoice; the invoice knows when the money came.
    case
        when payments.status = 'succeeded' and invoices.paid_on is not null
        then invoices.paid_on
        else {{ utc_date("payments.created_at") }}
    end as paid_on,
    payments.currency,
    payments.amount_minor,
    case
        when payments.status = 'succeeded' then payments.received_minor else 0
    end as received_minor,
    coalesce(applied.applied_minor, 0) as applied_minor
from payments
left join
    records
    on records.system = 'stripe'
    and records.record_id = payments.stripe_customer_id
left join applied on applied.stripe_payment_id = payments.stripe_payment_id
left join invoices on invoices.invoice_id = applied.invoice_id

with

    payments as (select * from {{ ref("int_payments__made") }} where held_for is null),

    applications as (select * from {{ ref("int_payments__applied") }}),

    invoices as (select * from {{ ref("invoices") }}),

    applied as (
        select
            billing_system,
            payment_id,
            max(invoice_id) as invoice_id,
            {{ sum_minor("applied_minor") }} as applied_minor
        from applications
        group by billing_system, payment_id
    )

select
    payments.payment_id,
    payments.billing_system,
    invoices.legal_entity_code,
    payments.customer_id,
    applied.invoice_id,
    payments.status,
    payments.failure_code,
    payments.payment_method,
    -- Stripe makes the intent with the invoice, which knows when the money came.
    case
        when
            payments.billing_system = 'stripe'
            and payments.status = 'succeeded'
            and invoices.paid_on is not null
        then invoices.paid_on
        else payments.made_on
    end as paid_on,
    payments.currency,
    payments.amount_minor,
    payments.received_minor,
    coalesce(applied.applied_minor, 0) as applied_minor,
    payments.fee_minor,
    payments.fee_currency
from payments
left join applied using (billing_system, payment_id)
left join
    invoices
    on invoices.billing_system = payments.billing_system
    and invoices.invoice_id = applied.invoice_id

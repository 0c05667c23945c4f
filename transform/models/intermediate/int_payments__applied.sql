with

    invoice_payments as (
        select * from {{ ref("stg_stripe__invoice_payments") }} where not is_deleted
    ),

    transaction_invoices as (
        select *
        from {{ ref("stg_chargebee__transaction_invoices") }}
        where not is_deleted
    ),

    transactions as (
        select *
        from {{ ref("stg_chargebee__transactions") }}
        where transaction_type = 'payment' and not is_deleted
    )

select
    'stripe' as billing_system,
    stripe_invoice_payment_id as application_id,
    stripe_payment_id as payment_id,
    stripe_invoice_id as invoice_id,
    status = 'paid' as is_applied,
    -- Stripe makes the link when the invoice is finalized, and pays it later.
    {{ utc_date("coalesce(paid_at, created_at)") }} as applied_on,
    currency,
    case when status = 'paid' then paid_minor else 0 end as applied_minor
from invoice_payments

union all

select
    'chargebee' as billing_system,
    transaction_invoices.chargebee_transaction_invoice_id as application_id,
    transaction_invoices.chargebee_transaction_id as payment_id,
    transaction_invoices.chargebee_invoice_id as invoice_id,
    transactions.status = 'success' as is_applied,
    {{ utc_date("transaction_invoices.applied_at") }} as applied_on,
    transactions.currency,
    case
        when transactions.status = 'success'
        then transaction_invoices.applied_minor
        else 0
    end as applied_minor
from transaction_invoices
inner join transactions using (chargebee_transaction_id)

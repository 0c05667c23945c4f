with

    stripe_refunds as (
        select * from {{ ref("stg_stripe__refunds") }} where not is_deleted
    ),

    transactions as (
        select *
        from {{ ref("stg_chargebee__transactions") }}
        where transaction_type = 'refund' and not is_deleted
    ),

    refunded_notes as (
        select
            chargebee_transaction_id,
            min(chargebee_credit_note_id) as credit_note_id,
            min(chargebee_invoice_id) as invoice_id
        from {{ ref("stg_chargebee__transaction_credit_notes") }}
        where not is_deleted
        group by chargebee_transaction_id
    ),

    stripe_notes as (
        select refund_id, min(credit_note_id) as credit_note_id
        from {{ ref("credit_notes") }}
        where billing_system = 'stripe' and refund_id is not null
        group by refund_id
    ),

    payments as (select * from {{ ref("payments") }}),

    notes as (select * from {{ ref("credit_notes") }}),

    refunds as (
        select
            'stripe' as billing_system,
            stripe_refunds.stripe_refund_id as refund_id,
            stripe_refunds.stripe_payment_id as payment_id,
            stripe_notes.credit_note_id,
            cast(null as varchar) as invoice_id,
            stripe_refunds.status,
            stripe_refunds.reason,
            {{ utc_date("stripe_refunds.created_at") }} as refunded_on,
            stripe_refunds.currency,
            stripe_refunds.amount_minor
        from stripe_refunds
        left join
            stripe_notes on stripe_notes.refund_id = stripe_refunds.stripe_refund_id

        union all

        select
            'chargebee' as billing_system,
            transactions.chargebee_transaction_id as refund_id,
            transactions.refunded_transaction_id as payment_id,
            refunded_notes.credit_note_id,
            refunded_notes.invoice_id,
            case
                transactions.status
                when 'success'
                then 'succeeded'
                when 'failure'
                then 'failed'
                when 'timeout'
                then 'failed'
                when 'voided'
                then 'canceled'
                else 'pending'
            end as status,
            notes.reason_code as reason,
            {{ utc_date("transactions.made_at") }} as refunded_on,
            transactions.currency,
            transactions.amount_minor
        from transactions
        left join refunded_notes using (chargebee_transaction_id)
        left join
            notes
            on notes.billing_system = 'chargebee'
            and notes.credit_note_id = refunded_notes.credit_note_id
    )

select
    refunds.refund_id,
    refunds.billing_system,
    refunds.payment_id,
    payments.legal_entity_code,
    payments.customer_id,
    coalesce(refunds.invoice_id, payments.invoice_id) as invoice_id,
    refunds.credit_note_id,
    refunds.status,
    refunds.reason,
    refunds.refunded_on,
    refunds.currency,
    refunds.amount_minor
from refunds
left join payments using (billing_system, payment_id)

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

    notes as (select * from {{ ref("int_credit_notes__issued") }}),

    stripe_notes as (
        select refund_id, min(credit_note_id) as credit_note_id
        from notes
        where billing_system = 'stripe' and refund_id is not null
        group by refund_id
    ),

    payments as (select * from {{ ref("int_payments__made") }}),

    currencies as (select * from {{ ref("currencies") }}),

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
                when transactions.status = 'success'
                then 'succeeded'
                when transactions.status in ('failure', 'timeout')
                then 'failed'
                when transactions.status = 'voided'
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
    refunds.*,
    payments.customer_id,
    case
        when currencies.currency is null
        then 'currency_without_rate'
        when payments.payment_id is null
        then 'unknown_payment'
        when payments.held_for is not null
        then 'held_payment'
    end as held_for
from refunds
left join
    payments
    -- Spark would put what is joined with "using" before all other columns of refunds.
    on payments.billing_system = refunds.billing_system
    and payments.payment_id = refunds.payment_id
left join currencies on currencies.currency = refunds.currency

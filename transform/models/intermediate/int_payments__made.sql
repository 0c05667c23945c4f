with

    stripe_payments as (
        select * from {{ ref("stg_stripe__payments") }} where not is_deleted
    ),

    charges as (select * from {{ ref("stg_stripe__charges") }}),

    movements as (select * from {{ ref("stg_stripe__balance_transactions") }}),

    transactions as (
        select *
        from {{ ref("stg_chargebee__transactions") }}
        where transaction_type = 'payment' and not is_deleted
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    payments as (
        select
            'stripe' as billing_system,
            stripe_payments.stripe_payment_id as payment_id,
            stripe_payments.stripe_customer_id as billing_customer_id,
            stripe_payments.status,
            stripe_payments.failure_code,
            charges.payment_method,
            {{ utc_date("stripe_payments.created_at") }} as made_on,
            stripe_payments.currency,
            stripe_payments.amount_minor,
            case
                when stripe_payments.status = 'succeeded'
                then stripe_payments.received_minor
                else 0
            end as received_minor,
            movements.fee_minor,
            movements.currency as fee_currency
        from stripe_payments
        left join charges using (stripe_charge_id)
        left join
            movements
            on movements.stripe_balance_transaction_id
            = charges.stripe_balance_transaction_id

        union all

        select
            'chargebee' as billing_system,
            chargebee_transaction_id as payment_id,
            chargebee_customer_id as billing_customer_id,
            case
                status
                when 'success'
                then 'succeeded'
                when 'in_progress'
                then 'processing'
                when 'needs_attention'
                then 'requires_action'
                when 'voided'
                then 'canceled'
                else 'requires_payment_method'
            end as status,
            failure_code,
            payment_method,
            {{ utc_date("made_at") }} as made_on,
            currency,
            amount_minor,
            case when status = 'success' then amount_minor else 0 end as received_minor,
            cast(null as bigint) as fee_minor,
            cast(null as varchar) as fee_currency
        from transactions
    )

select
    payments.*,
    records.customer_id,
    case
        when currencies.currency is null
        then 'currency_without_rate'
        when records.customer_id is null
        then 'unknown_customer'
    end as held_for
from payments
left join
    records
    on records.system = payments.billing_system
    and records.record_id = payments.billing_customer_id
left join currencies on currencies.currency = payments.currency

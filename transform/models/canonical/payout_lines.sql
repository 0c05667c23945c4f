with

    movements as (
        select *
        from {{ ref("stg_stripe__payout_transactions") }}
        -- The payout's own movement is what the others sum up to.
        where not is_deleted and reporting_category <> 'payout'
    ),

    charges as (select * from {{ ref("stg_stripe__charges") }}),

    refunds as (select * from {{ ref("stg_stripe__refunds") }}),

    disputes as (select * from {{ ref("stg_stripe__disputes") }}),

    payments as (select * from {{ ref("payments") }} where billing_system = 'stripe'),

    traced as (
        select
            movements.*,
            refunds.stripe_refund_id,
            disputes.stripe_dispute_id,
            coalesce(
                charges.stripe_payment_id,
                refunds.stripe_payment_id,
                disputes.stripe_payment_id
            ) as stripe_payment_id
        from movements
        left join charges on charges.stripe_charge_id = movements.stripe_source_id
        left join refunds on refunds.stripe_refund_id = movements.stripe_source_id
        left join disputes on disputes.stripe_dispute_id = movements.stripe_source_id
    )

select
    traced.stripe_balance_transaction_id as payout_line_id,
    traced.stripe_payout_id as payout_id,
    traced.reporting_category as line_type,
    payments.legal_entity_code,
    payments.customer_id,
    payments.invoice_id,
    traced.stripe_payment_id as payment_id,
    traced.stripe_refund_id as refund_id,
    traced.stripe_dispute_id as dispute_id,
    {{ utc_date("traced.created_at") }} as moved_on,
    {{ utc_date("traced.available_at") }} as available_on,
    traced.currency,
    traced.amount_minor,
    traced.fee_minor,
    traced.net_minor
from traced
left join payments on payments.payment_id = traced.stripe_payment_id

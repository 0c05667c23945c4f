with

    disputes as (select * from {{ ref("stg_stripe__disputes") }} where not is_deleted),

    movements as (
        select
            stripe_source_id as stripe_dispute_id,
            min(
                case
                    when reporting_category = 'dispute'
                    then {{ utc_date("created_at") }}
                end
            ) as withdrawn_on,
            max(
                case
                    when reporting_category = 'dispute_reversal'
                    then {{ utc_date("created_at") }}
                end
            ) as returned_on
        from {{ ref("stg_stripe__balance_transactions") }}
        where reporting_category in ('dispute', 'dispute_reversal') and not is_deleted
        group by stripe_source_id
    ),

    payments as (select * from {{ ref("payments") }} where billing_system = 'stripe')

select
    disputes.stripe_dispute_id as dispute_id,
    'stripe' as billing_system,
    payments.legal_entity_code,
    payments.customer_id,
    disputes.stripe_payment_id as payment_id,
    payments.invoice_id,
    disputes.status,
    disputes.reason,
    {{ utc_date("disputes.created_at") }} as opened_on,
    {{ utc_date("disputes.evidence_due_at") }} as evidence_due_on,
    movements.withdrawn_on,
    movements.returned_on,
    disputes.currency,
    disputes.amount_minor,
    - disputes.moved_minor as withdrawn_minor,
    disputes.fee_minor
from disputes
left join movements using (stripe_dispute_id)
left join payments on payments.payment_id = disputes.stripe_payment_id

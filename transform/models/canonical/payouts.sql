with

    payouts as (select * from {{ ref("stg_stripe__payouts") }} where not is_deleted),

    lines as (select * from {{ ref("payout_lines") }}),

    totals as (
        select
            payout_id,
            -- One payout may settle what several of our entities sold.
            case
                when min(legal_entity_code) = max(legal_entity_code)
                then min(legal_entity_code)
            end as legal_entity_code,
            {{ sum_minor("amount_minor") }} as gross_minor,
            {{ sum_minor("fee_minor") }} as fee_minor,
            {{ sum_minor("net_minor") }} as net_minor
        from lines
        group by payout_id
    )

select
    payouts.stripe_payout_id as payout_id,
    'stripe' as billing_system,
    totals.legal_entity_code,
    payouts.status,
    payouts.is_automatic,
    payouts.failure_code,
    payouts.bank_account_id,
    payouts.trace_id,
    {{ utc_date("payouts.created_at") }} as created_on,
    {{ utc_date("payouts.arrives_at") }} as arrives_on,
    payouts.currency,
    payouts.amount_minor,
    totals.gross_minor,
    totals.fee_minor,
    totals.net_minor
from payouts
left join totals on totals.payout_id = payouts.stripe_payout_id

with

    -- What arrived at the bank three days ago stands in the books.
    payouts as (
        select *
        from {{ ref("payouts") }}
        where status = 'paid' and arrives_on <= {{ add_days(as_of(), -3) }}
    ),

    deposits as (
        select * from {{ ref("stg_netsuite__deposits") }} where not is_deleted
    ),

    currencies as (select * from {{ ref("currencies") }}),

    -- Books without any deposit are not asked.
    kept as (select count(*) as deposits_count from deposits),

    posted as (
        select
            deposits.stripe_payout_id as payout_id,
            min(deposits.netsuite_deposit_id) as netsuite_deposit_id,
            {{
                sum_minor(
                    to_minor("deposits.total_amount", "currencies.minor_per_major")
                )
            }} as deposited_minor
        from deposits
        inner join currencies using (currency)
        where deposits.stripe_payout_id is not null
        group by deposits.stripe_payout_id
    ),

    found as (
        select
            coalesce(
                'netsuite:deposit:' || posted.netsuite_deposit_id,
                'stripe:payout:' || payouts.payout_id
            ) as record_key,
            'stripe:payout:' || payouts.payout_id as grain_key,
            'Payout '
            || payouts.payout_id
            || case
                when posted.payout_id is null
                then ' did not reach the bank account in the books'
                else ' reached the bank account with another amount'
            end as subject,
            payouts.currency,
            {{ first_of_month("payouts.arrives_on") }} as period,
            payouts.billing_system as left_system,
            {{ amount_text("payouts.amount_minor", "currencies.minor_per_major") }}
            as left_value,
            'netsuite' as right_system,
            {{ amount_text("posted.deposited_minor", "currencies.minor_per_major") }}
            as right_value,
            payouts.amount_minor
            - coalesce(posted.deposited_minor, 0) as difference_minor
        from payouts
        cross join kept
        inner join currencies on currencies.currency = payouts.currency
        left join posted on posted.payout_id = payouts.payout_id
        where
            kept.deposits_count > 0
            and payouts.amount_minor <> coalesce(posted.deposited_minor, 0)
    )

    {{
        breaks(
            [
                "grain_key",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}

with
    payouts as (select * from {{ ref("payouts") }}),
    payout_lines as (select * from {{ ref("payout_lines") }}),
    currencies as (select * from {{ ref("currencies") }}),
    summed as (
        select payout_id, {{ sum_minor("net_minor") }} as net_minor
        from payout_lines
        group by payout_id
    ),
    found as (

        select
            'stripe:payout:' || payouts.payout_id as record_key,
            'Payout '
            || payouts.payout_id
            || ' is not the sum of its transactions' as subject,
            payouts.currency,
            {{ first_of_month("payouts.arrives_on") }} as period,
            'stripe' as left_system,
            {{ amount_text("payouts.amount_minor", "currencies.minor_per_major") }}
            as left_value,
            'stripe' as right_system,
            {{ amount_text("summed.net_minor", "currencies.minor_per_major") }}
            as right_value,
            payouts.amount_minor - summed.net_minor as difference_minor
        from payouts
        inner join summed using (payout_id)
        inner join currencies on currencies.currency = payouts.currency
        where payouts.amount_minor <> summed.net_minor

    )

    {{
        breaks(
            [
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

with
    lines as (
        select *
        from {{ ref("invoice_lines") }}
        where revenue_type = 'recurring' and not is_proration
    ),
    subscriptions as (
        select * from {{ ref("subscriptions") }} where status in ('active', 'past_due')
    ),
    customers as (select * from {{ ref("customers") }}),
    billed as (
        select subscription_id, starts_on, max(ends_before) as ends_before
        from lines
        group by subscription_id, starts_on
    ),
    periods as (
        select
            subscription_id,
            ends_before,
            lead(starts_on) over (
                partition by subscription_id order by starts_on
            ) as next_starts_on
        from billed
    ),
    found as (

        select
            subscriptions.billing_system
            || ':subscription:'
            || subscriptions.subscription_id as record_key,
            {{ iso_day("periods.ends_before") }} as part,
            'contract:' || subscriptions.contract_id as grain_key,
            subscriptions.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "subscriptions.customer_id") }}
            || ' was not billed from '
            || {{ iso_day("periods.ends_before") }}
            || ' on' as subject,
            subscriptions.currency,
            subscriptions.billing_system as left_system,
            subscriptions.status as left_value,
            subscriptions.billing_system as right_system,
            {{ iso_day("periods.ends_before") }} as right_value,
            subscriptions.mrr_minor as difference_minor
        from subscriptions
        inner join periods using (subscription_id)
        left join customers on customers.customer_id = subscriptions.customer_id
        where periods.next_starts_on is null and periods.ends_before < {{ as_of() }}

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "part",
                "grain_key",
                "currency",
                "difference_minor",
            ]
        )
    }}

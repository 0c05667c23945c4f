with
    subscriptions as (
        select *
        from {{ ref("subscriptions") }}
        where status in ('trialing', 'in_trial')
    ),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            subscriptions.billing_system
            || ':subscription:'
            || subscriptions.subscription_id as record_key,
            subscriptions.customer_id,
            'The trial of '
            || {{ customer_name("customers.legal_name", "subscriptions.customer_id") }}
            || ' is over, and nothing followed' as subject,
            subscriptions.billing_system as left_system,
            subscriptions.status as left_value,
            subscriptions.billing_system as right_system,
            {{ iso_day("subscriptions.trial_ends_on") }} as right_value
        from subscriptions
        left join customers on customers.customer_id = subscriptions.customer_id
        where subscriptions.trial_ends_on < {{ as_of() }}

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}

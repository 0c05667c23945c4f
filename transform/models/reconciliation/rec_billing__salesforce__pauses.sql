with
    subscriptions as (select * from {{ ref("subscriptions") }} where status = 'paused'),
    suspensions as (
        select *
        from {{ ref("int_contracts__suspensions") }}
        where starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            subscriptions.billing_system
            || ':subscription:'
            || subscriptions.subscription_id as record_key,
            'contract:' || subscriptions.contract_id as grain_key,
            subscriptions.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "subscriptions.customer_id") }}
            || ' rests and its contract does not' as subject,
            subscriptions.billing_system as left_system,
            subscriptions.status as left_value,
            'salesforce' as right_system,
            suspensions.kind as right_value
        from subscriptions
        left join
            suspensions
            on suspensions.salesforce_contract_id = subscriptions.contract_id
        left join customers on customers.customer_id = subscriptions.customer_id
        where suspensions.salesforce_contract_id is null

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
            ]
        )
    }}

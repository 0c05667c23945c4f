with
    contracts as (select * from {{ ref("contracts") }}),
    subscriptions as (
        select * from {{ ref("subscriptions") }} where status in ('active', 'past_due')
    ),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            subscriptions.billing_system
            || ':subscription:'
            || subscriptions.subscription_id as record_key,
            'contract:' || contracts.contract_id as grain_key,
            contracts.customer_id,
            'Contract '
            || contracts.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' has ended and its subscription runs' as subject,
            subscriptions.currency,
            'salesforce' as left_system,
            contracts.status as left_value,
            subscriptions.billing_system as right_system,
            subscriptions.status as right_value,
            - subscriptions.arr_minor as difference_minor
        from subscriptions
        inner join contracts using (contract_id)
        left join customers on customers.customer_id = contracts.customer_id
        where
            contracts.status in ('expired', 'terminated')
            or contracts.ends_on < {{ as_of() }}

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
                "currency",
                "difference_minor",
            ]
        )
    }}

with
    contracts as (
        select *
        from {{ ref("contracts") }}
        where
            status = 'activated'
            and starts_on <= {{ as_of() }}
            and ends_on >= {{ as_of() }}
    ),
    subscriptions as (select * from {{ ref("subscriptions") }}),
    customers as (select * from {{ ref("customers") }}),
    ended as (
        select
            contract_id,
            max(subscription_id) as subscription_id,
            max(billing_system) as billing_system
        from subscriptions
        where contract_id is not null
        group by contract_id
        having max(case when status in ('canceled', 'cancelled') then 0 else 1 end) = 0
    ),
    found as (

        select
            ended.billing_system
            || ':subscription:'
            || ended.subscription_id as record_key,
            'contract:' || contracts.contract_id as grain_key,
            contracts.customer_id,
            'Contract '
            || contracts.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' is in force and its subscription has ended' as subject,
            'salesforce' as left_system,
            contracts.status as left_value,
            ended.billing_system as right_system,
            'canceled' as right_value
        from contracts
        inner join ended using (contract_id)
        left join customers on customers.customer_id = contracts.customer_id

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

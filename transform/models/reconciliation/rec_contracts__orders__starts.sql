with
    contracts as (select * from {{ ref("contracts") }}),
    orders as (select * from {{ ref("orders") }}),

    lines as (
        select order_id, min(starts_on) as starts_on
        from {{ ref("order_lines") }}
        group by order_id
    ),
    subscriptions as (select * from {{ ref("subscriptions") }}),
    customers as (select * from {{ ref("customers") }}),
    ordered as (
        select
            orders.contract_id,
            min(orders.order_id) as order_id,
            min(orders.starts_on) as starts_on
        from orders
        where order_type = 'order'
        group by orders.contract_id
    ),
    started as (
        select
            'salesforce:order:' || ordered.order_id as record_key,
            'salesforce' as system,
            contracts.contract_id,
            contracts.contract_number,
            contracts.customer_id,
            contracts.starts_on as agreed_on,
            ordered.starts_on
        from contracts
        inner join ordered using (contract_id)

        union all

        -- What was added later starts with its lines.
        select
            'salesforce:order:' || orders.order_id as record_key,
            'salesforce' as system,
            contracts.contract_id,
            contracts.contract_number,
            contracts.customer_id,
            lines.starts_on as agreed_on,
            orders.starts_on
        from contracts
        inner join orders using (contract_id)
        inner join lines using (order_id)
        where orders.order_type = 'order' and lines.starts_on > contracts.starts_on
        union all
        select
            subscriptions.billing_system
            || ':subscription:'
            || subscriptions.subscription_id as record_key,
            subscriptions.billing_system as system,
            contracts.contract_id,
            contracts.contract_number,
            contracts.customer_id,
            contracts.starts_on as agreed_on,
            subscriptions.starts_on
        from contracts
        inner join subscriptions using (contract_id)
    ),
    found as (

        select
            started.record_key,
            started.customer_id,
            'Contract '
            || started.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "started.customer_id") }}
            || ', or what was added to it, starts on another day in '
            || started.system as subject,
            'contract:' || started.contract_id as grain_key,
            'salesforce' as left_system,
            {{ iso_day("started.agreed_on") }} as left_value,
            started.system as right_system,
            {{ iso_day("started.starts_on") }} as right_value
        from started
        left join customers on customers.customer_id = started.customer_id
        where started.starts_on > started.agreed_on

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

with

    sold as (select * from {{ ref("contracts_in_force") }} where is_recurring),

    billed as (select * from {{ ref("subscriptions_in_force") }} where is_recurring),

    customers as (select * from {{ ref("customers") }}),

    under_contract as (select contract_id from sold group by contract_id),
    found as (
        select
            billed.billing_system
            || ':subscription:'
            || billed.subscription_id as record_key,
            'contract:' || billed.contract_id as grain_key,
            billed.product_id as part,
            billed.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "billed.customer_id") }}
            || ' has an item for '
            || billed.product_id
            || ', which nobody ordered' as subject,
            'salesforce' as left_system,
            '0' as left_value,
            billed.billing_system as right_system,
            cast(billed.quantity as {{ dbt.type_string() }}) as right_value,
            - billed.gross_arr_minor as difference_minor
        from billed
        inner join under_contract using (contract_id)
        left join
            sold
            on sold.contract_id = billed.contract_id
            and sold.product_id = billed.product_id
        left join customers on customers.customer_id = billed.customer_id
        where sold.product_id is null and billed.gross_arr_minor > 0
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
                "part",
                "difference_minor",
            ]
        )
    }}

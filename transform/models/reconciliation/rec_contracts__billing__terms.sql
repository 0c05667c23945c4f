with

    sold as (select * from {{ ref("contracts_in_force") }} where is_recurring),

    billed as (select * from {{ ref("subscriptions_in_force") }} where is_recurring),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            billed.billing_system
            || ':subscription:'
            || billed.subscription_id as record_key,
            'contract:' || sold.contract_id as grain_key,
            sold.product_id as part,
            sold.customer_id,
            'Billing has another ' || case
                when sold.quantity <> billed.quantity then 'quantity' else 'price'
            end
            || ' of '
            || sold.product_id
            || ' for '
            || {{ customer_name("customers.legal_name", "sold.customer_id") }}
            as subject,
            sold.currency,
            'salesforce' as left_system,
            cast(sold.quantity as {{ dbt.type_string() }})
            || ' for '
            || cast(sold.gross_arr_minor as {{ dbt.type_string() }}) as left_value,
            billed.billing_system as right_system,
            cast(billed.quantity as {{ dbt.type_string() }})
            || ' for '
            || cast(billed.gross_arr_minor as {{ dbt.type_string() }}) as right_value,
            sold.gross_arr_minor - billed.gross_arr_minor as difference_minor,
            cast(12 * billed.quantity as bigint) as tolerance_minor
        from sold
        inner join
            billed
            on billed.contract_id = sold.contract_id
            and billed.product_id = sold.product_id
        left join customers on customers.customer_id = sold.customer_id
        where
            sold.quantity <> billed.quantity
            or abs(sold.gross_arr_minor - billed.gross_arr_minor) > 12 * billed.quantity
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
                "currency",
                "difference_minor",
                "tolerance_minor",
            ]
        )
    }}

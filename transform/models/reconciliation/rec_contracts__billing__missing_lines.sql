with

    in_force as (select * from {{ ref("contracts_in_force") }}),

    billed as (select * from {{ ref("subscriptions_in_force") }}),

    products as (
        select * from {{ ref("products") }} where revenue_type in ('recurring', 'usage')
    ),

    customers as (select * from {{ ref("customers") }}),

    sold as (
        select
            contract_id,
            product_id,
            max(customer_id) as customer_id,
            max(currency) as currency,
            sum(quantity) as quantity,
            {{ sum_minor("gross_arr_minor") }} as gross_arr_minor,
            max(case when products.revenue_type = 'usage' then 1 else 0 end) = 1
            or sum(gross_arr_minor) > 0 as is_charged
        from in_force
        inner join products using (product_id)
        group by contract_id, product_id
    ),

    running as (
        select
            contract_id,
            min(subscription_id) as subscription_id,
            min(billing_system) as billing_system
        from billed
        group by contract_id
    ),

    found as (
        select
            running.billing_system
            || ':subscription:'
            || running.subscription_id as record_key,
            'contract:' || sold.contract_id as grain_key,
            sold.product_id as part,
            sold.customer_id,
            'The subscription of '
            || {{ customer_name("customers.legal_name", "sold.customer_id") }}
            || ' has no item for '
            || sold.product_id as subject,
            sold.currency,
            'salesforce' as left_system,
            cast(sold.quantity as {{ dbt.type_string() }}) as left_value,
            running.billing_system as right_system,
            '0' as right_value,
            sold.gross_arr_minor as difference_minor
        from sold
        inner join running using (contract_id)
        left join
            billed
            on billed.contract_id = sold.contract_id
            and billed.product_id = sold.product_id
        left join customers on customers.customer_id = sold.customer_id
        where billed.product_id is null and sold.is_charged
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
            ]
        )
    }}

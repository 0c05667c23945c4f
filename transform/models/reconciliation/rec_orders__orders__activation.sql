with
    orders as (select * from {{ ref("orders") }}),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:order:' || orders.order_id as record_key,
            orders.customer_id,
            'Order '
            || orders.order_number
            || ' of '
            || {{ customer_name("customers.legal_name", "orders.customer_id") }}
            || ' was activated long after it was made' as subject,
            'salesforce' as left_system,
            {{ iso_day(utc_date("orders.created_at")) }} as left_value,
            'salesforce' as right_system,
            {{ iso_day("orders.activated_on") }} as right_value
        from orders
        left join customers on customers.customer_id = orders.customer_id
        where orders.activated_on > {{ add_days(utc_date("orders.created_at"), 30) }}

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

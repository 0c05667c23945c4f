with
    orders as (select * from {{ ref("orders") }}),
    quotes as (select * from {{ ref("quotes") }}),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:order:' || orders.order_id as record_key,
            'quote:' || quotes.quote_id as grain_key,
            orders.customer_id,
            'Order '
            || orders.order_number
            || ' of '
            || {{ customer_name("customers.legal_name", "orders.customer_id") }}
            || ' is activated and its quote is '
            || lower(quotes.status) as subject,
            'salesforce' as left_system,
            orders.status as left_value,
            'salesforce' as right_system,
            quotes.status as right_value
        from orders
        inner join quotes using (quote_id)
        left join customers on customers.customer_id = orders.customer_id
        where
            orders.status = 'activated'
            and quotes.status not in ('Accepted', 'Approved')

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

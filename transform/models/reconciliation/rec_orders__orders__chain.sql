with
    order_lines as (select * from {{ ref("order_lines") }}),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:orderitem:' || order_lines.order_line_id as record_key,
            order_lines.customer_id,
            'An order line of '
            || {{ customer_name("customers.legal_name", "order_lines.customer_id") }}
            || ' changes an earlier one and does not say which' as subject,
            'salesforce' as left_system,
            order_lines.action as left_value,
            'salesforce' as right_system,
            order_lines.supersedes_line_id as right_value
        from order_lines
        left join customers on customers.customer_id = order_lines.customer_id
        where
            order_lines.supersedes_line_id is null
            and (
                order_lines.action
                in ('upsize', 'downsize', 'renew', 'price_change', 'cancel')
                or order_lines.previous_quantity > 0
            )

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

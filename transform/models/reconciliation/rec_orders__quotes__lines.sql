with
    order_lines as (select * from {{ ref("order_lines") }}),
    quote_lines as (select * from {{ ref("quote_lines") }}),
    customers as (select * from {{ ref("customers") }}),
    paired as (
        select
            order_lines.*,
            quote_lines.quantity as quoted_quantity,
            quote_lines.unit_minor as quoted_minor,
            quote_lines.starts_on as quoted_starts_on
        from order_lines
        inner join quote_lines using (quote_line_id)
    ),
    -- A quote states what is added or taken, an order what is then held.
    compared as (
        select
            order_line_id,
            customer_id,
            'quantity' as what,
            'Quantity' as target_field,
            cast(
                quantity - coalesce(previous_quantity, 0) as {{ dbt.type_string() }}
            ) as ordered,
            cast(quoted_quantity as {{ dbt.type_string() }}) as quoted
        from paired
        where
            quantity <> quoted_quantity
            and abs(quantity - coalesce(previous_quantity, 0)) <> abs(quoted_quantity)
        union all
        select
            order_line_id,
            customer_id,
            'price' as what,
            'UnitPrice' as target_field,
            cast(unit_minor as {{ dbt.type_string() }}) as ordered,
            cast(quoted_minor as {{ dbt.type_string() }}) as quoted
        from paired
        union all
        select
            order_line_id,
            customer_id,
            'start' as what,
            'ServiceDate' as target_field,
            {{ iso_day("starts_on") }} as ordered,
            {{ iso_day("quoted_starts_on") }} as quoted
        from paired
    ),
    found as (

        select
            'salesforce:orderitem:' || compared.order_line_id as record_key,
            compared.customer_id,
            'An order line of '
            || {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' has another '
            || compared.what
            || ' than was quoted' as subject,
            'salesforce' as left_system,
            compared.ordered as left_value,
            'salesforce' as right_system,
            compared.quoted as right_value,
            'salesforce' as target_system,
            'OrderItem' as target_object,
            compared.order_line_id as target_record_id,
            compared.target_field,
            compared.quoted as proposed_value
        from compared
        left join customers on customers.customer_id = compared.customer_id
        where compared.ordered <> compared.quoted

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

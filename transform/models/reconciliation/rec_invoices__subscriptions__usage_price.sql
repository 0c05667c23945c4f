with

    billed as (select * from {{ ref("int_usage__billed") }}),

    items as (select * from {{ ref("int_subscriptions__items") }}),

    prices as (
        select * from {{ ref("int_prices__stated") }} where meter_id is not null
    ),

    subscriptions as (select * from {{ ref("subscriptions") }} where ended_on is null),

    ordered as (
        select lines.contract_id, lines.product_id, max(orders.starts_on) as agreed_on
        from {{ ref("order_lines") }} as lines
        inner join {{ ref("orders") }} as orders using (order_id)
        where orders.status = 'activated'
        group by lines.contract_id, lines.product_id
    ),

    customers as (select * from {{ ref("customers") }}),

    ranked as (
        select
            *,
            row_number() over (
                partition by billing_system, subscription_id, meter_id
                order by starts_on desc, {{ by_bytes("price_id") }}
            ) as recency_rank
        from billed
    ),

    compared as (
        select
            subscriptions.billing_system,
            subscriptions.subscription_id,
            subscriptions.customer_id,
            subscriptions.contract_id,
            prices.sku,
            items.item_id,
            items.price_id as price_id,
            ranked.price_id as billed_price_id,
            ranked.invoice_id,
            ranked.starts_on
        from subscriptions
        inner join
            items
            on items.billing_system = subscriptions.billing_system
            and items.subscription_id = subscriptions.subscription_id
        inner join
            prices
            on prices.billing_system = items.billing_system
            and prices.price_id = items.price_id
        inner join
            ranked
            on ranked.billing_system = items.billing_system
            and ranked.subscription_id = items.subscription_id
            and ranked.meter_id = prices.meter_id
            and ranked.recency_rank = 1
    ),

    found as (
        select
            compared.billing_system
            || ':subscription:'
            || compared.subscription_id as record_key,
            compared.item_id as part,
            compared.customer_id,
            {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' will be billed for usage at another price than on invoice '
            || compared.invoice_id
            || ', and no order says so' as subject,
            compared.billing_system as left_system,
            compared.billed_price_id as left_value,
            compared.billing_system as right_system,
            compared.price_id as right_value,
            compared.billing_system as target_system,
            'subscription_item' as target_object,
            compared.item_id as target_record_id,
            'price' as target_field,
            compared.billed_price_id as proposed_value
        from compared
        -- Another price is right from the order of this product on that says so.
        left join
            ordered
            on ordered.contract_id = compared.contract_id
            and ordered.product_id = compared.sku
        left join customers on customers.customer_id = compared.customer_id
        where
            compared.price_id <> compared.billed_price_id
            and (ordered.agreed_on is null or ordered.agreed_on <= compared.starts_on)
    )

    {{
        breaks(
            [
                "part",
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

with
    entries as (
        select *
        from {{ ref("price_book_entries") }}
        where is_active and valid_to is null
    ),
    products as (select * from {{ ref("products") }}),
    prices as (
        select *
        from {{ ref("prices") }}
        where billing_system = 'stripe' and usage_type = 'licensed'
    ),
    known as (
        select product_id, currency, cast(unit_price as bigint) as list_minor
        from prices
        where billing_interval = 'month'
        group by product_id, currency, cast(unit_price as bigint)
    ),
    sold as (select product_id, currency from prices group by product_id, currency),
    found as (

        select
            'salesforce:pricebookentry:' || entries.price_book_entry_id as record_key,
            entries.price_book_name as part,
            'Product '
            || entries.product_id
            || ' has a list price in '
            || entries.currency
            || ' that billing does not know' as subject,
            entries.currency,
            'salesforce' as left_system,
            cast(entries.list_minor as {{ dbt.type_string() }}) as left_value,
            'stripe' as right_system,
            'no such price' as right_value
        from entries
        inner join products using (product_id)
        left join
            known
            on known.product_id = entries.product_id
            and known.currency = entries.currency
            and known.list_minor = entries.list_minor
        inner join
            sold
            on sold.product_id = entries.product_id
            and sold.currency = entries.currency
        where
            products.revenue_type = 'recurring'
            and entries.list_minor > 0
            and known.product_id is null

    )

    {{
        breaks(
            [
                "part",
                "currency",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}

with

    lines as (select * from {{ ref("int_order_lines__valued") }}),

    orders as (select * from {{ ref("int_orders__linked") }}),

    entries as (select * from {{ ref("int_price_book_entries__versions") }}),

    books as (select * from {{ ref("stg_salesforce__pricebooks") }} where is_standard),

    products as (
        select * from {{ ref("stg_salesforce__products") }} where not is_deleted
    ),

    dated as (
        select
            lines.*,
            orders.salesforce_contract_id,
            orders.currency,
            orders.order_number,
            min(orders.order_number) over (
                partition by orders.salesforce_contract_id, lines.sku
            ) as first_order_number
        from lines
        inner join orders using (salesforce_order_id)
    ),

    prices as (
        select
            products.sku,
            entries.currency,
            entries.list_minor,
            entries.is_active,
            {{ utc_date("entries.valid_from") }} as valid_from,
            {{ utc_date("entries.valid_to") }} as valid_before,
            -- The price list of the start holds for what was sold before it was kept.
            entries.valid_from = min(entries.valid_from) over (
                partition by products.sku, entries.currency
            ) as is_first
        from entries
        inner join books using (salesforce_pricebook_id)
        inner join products using (salesforce_product_id)
    )

select
    dated.salesforce_order_item_id,
    dated.order_number > dated.first_order_number as is_sold_before,
    dated.tcv_minor >= dated.undiscounted_minor
    and max(case when dated.unit_minor = prices.list_minor then 1 else 0 end)
    = 1 as is_at_list_price
from dated
left join
    prices
    on prices.sku = dated.sku
    and prices.currency = dated.currency
    and prices.is_active
    and (prices.is_first or prices.valid_from <= dated.starts_on)
    and (prices.valid_before is null or prices.valid_before > dated.starts_on)
group by
    dated.salesforce_order_item_id,
    dated.order_number,
    dated.first_order_number,
    dated.tcv_minor,
    dated.undiscounted_minor

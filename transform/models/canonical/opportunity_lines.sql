with

    lines as (
        select *
        from {{ ref("stg_salesforce__opportunity_line_items") }}
        where not is_deleted
    ),

    opportunities as (select * from {{ ref("opportunities") }}),

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    currencies as (select * from {{ ref("currencies") }})

select
    lines.salesforce_opportunity_line_item_id as opportunity_line_id,
    opportunities.opportunity_id,
    opportunities.customer_id,
    products.sku as product_id,
    lines.salesforce_quote_line_id as quote_line_id,
    lines.quantity,
    {{ to_minor("lines.list_price_amount", "currencies.minor_per_major") }}
    as list_minor,
    {{ to_minor("lines.unit_price_amount", "currencies.minor_per_major") }}
    as unit_minor,
    {{ to_minor("lines.total_amount", "currencies.minor_per_major") }} as total_minor,
    opportunities.currency,
    lines.starts_on,
    'salesforce' as system,
    lines.salesforce_opportunity_line_item_id as record_id
from lines
inner join
    opportunities on opportunities.opportunity_id = lines.salesforce_opportunity_id
inner join products using (salesforce_product_id)
inner join currencies on currencies.currency = opportunities.currency

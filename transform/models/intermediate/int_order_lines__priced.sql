with

    lines as (
        select * from {{ ref("stg_salesforce__order_items") }} where not is_deleted
    ),

    orders as (select * from {{ ref("int_orders__linked") }}),

    products as (
        select *
        from {{ ref("stg_salesforce__products") }}
        where not is_deleted and sku is not null
    ),

    charges as (select * from {{ ref("int_products__charged") }}),

    quote_lines as (
        select * from {{ ref("stg_salesforce__quote_lines") }} where not is_deleted
    ),

    -- A line without a quote line of its own is charged as the one that it follows.
    related as (
        select
            lines.*,
            superseded.unit_price_amount as superseded_price_amount,
            superseded.quantity as superseded_quantity,
            superseded.ends_on as superseded_ends_on,
            superseded.salesforce_product_id as superseded_product_id,
            superseded.salesforce_order_id as superseded_order_id,
            coalesce(
                lines.salesforce_quote_line_id, superseded.salesforce_quote_line_id
            ) as charged_quote_line_id
        from lines
        left join
            lines as superseded
            on superseded.salesforce_order_item_id = lines.superseded_order_item_id
    ),

    charged as (
        select
            related.*,
            orders.customer_id,
            orders.salesforce_contract_id,
            orders.order_type,
            orders.minor_per_major,
            products.sku,
            coalesce(
                {{ revenue_type_of("quote_lines.charge_type") }}, charges.revenue_type
            ) as revenue_type,
            case
                when related.salesforce_quote_line_id is not null
                then quote_lines.net_total_amount
            end as quoted_amount,
            coalesce(
                related.previous_quantity, related.superseded_quantity, 0
            ) as held_quantity,
            coalesce(
                related.superseded_price_amount, related.unit_price_amount
            ) as held_price_amount
        from related
        inner join orders using (salesforce_order_id)
        inner join products using (salesforce_product_id)
        inner join charges on charges.sku = products.sku
        left join
            quote_lines
            on quote_lines.salesforce_quote_line_id = related.charged_quote_line_id
    )

select
    salesforce_order_item_id,
    salesforce_order_id,
    salesforce_contract_id,
    order_item_number,
    sku,
    salesforce_product_id,
    superseded_product_id,
    superseded_order_id,
    superseded_order_item_id,
    superseded_ends_on,
    salesforce_quote_line_id,
    bundle_order_item_id,
    action,
    revenue_type,
    quantity,
    held_quantity,
    unit_price_amount <> held_price_amount as is_repriced,
    minor_per_major,
    starts_on,
    {{ to_minor("unit_price_amount", "minor_per_major") }} as unit_minor,
    {{ to_minor("held_price_amount", "minor_per_major") }} as previous_unit_minor,
    {{ to_minor("quoted_amount", "minor_per_major") }} as quoted_minor,
    {{ to_minor("quantity * unit_price_amount", "minor_per_major") }} as units_minor,
    -- From the exact prices, so that a unit of less than a cent is rounded once.
    case
        when revenue_type = 'recurring'
        then {{ to_minor("12 * quantity * unit_price_amount", "minor_per_major") }}
        else cast(0 as bigint)
    end as arr_minor,
    case
        when revenue_type = 'recurring'
        then {{ to_minor("12 * held_quantity * held_price_amount", "minor_per_major") }}
        else cast(0 as bigint)
    end as previous_arr_minor,
    -- What is taken back would have been served to the end of the line that it ends.
    case
        when salesforce_quote_line_id is null and quantity = 0
        then
            greatest(
                starts_on, {{ add_days("coalesce(superseded_ends_on, starts_on)", 1) }}
            )
        else {{ add_days("ends_on", 1) }}
    end as ends_before
from charged

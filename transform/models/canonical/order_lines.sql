with

    lines as (select * from {{ ref("int_order_lines__valued") }}),

    orders as (select * from {{ ref("orders") }})

select
    lines.salesforce_order_item_id as order_line_id,
    orders.order_id,
    lines.order_item_number as line_number,
    orders.customer_id,
    orders.contract_id,
    lines.sku as product_id,
    lines.salesforce_quote_line_id as quote_line_id,
    lines.bundle_order_item_id as bundle_line_id,
    lines.superseded_order_item_id as supersedes_line_id,
    lines.order_action as action,
    lines.revenue_type,
    lines.quantity,
    lines.held_quantity as previous_quantity,
    lines.unit_minor,
    lines.previous_unit_minor,
    lines.starts_on,
    lines.ends_before,
    lines.tcv_minor,
    lines.acv_minor,
    lines.arr_delta_minor,
    orders.currency,
    'salesforce' as system,
    lines.salesforce_order_item_id as record_id
from lines
inner join orders on orders.order_id = lines.salesforce_order_id

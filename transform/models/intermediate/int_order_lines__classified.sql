with

    lines as (select * from {{ ref("int_order_lines__priced") }}),

    orders as (select * from {{ ref("int_orders__linked") }}),

    quotes as (select * from {{ ref("stg_salesforce__quotes") }}),

    related as (
        select
            lines.*,
            lines.arr_minor - lines.previous_arr_minor as arr_delta_minor,
            quotes.quote_type,
            superseded_orders.salesforce_contract_id
            = lines.salesforce_contract_id as is_within_contract,
            {{ whole_months("lines.starts_on", "lines.ends_before") }} as whole_months
        from lines
        inner join orders using (salesforce_order_id)
        left join quotes on quotes.salesforce_quote_id = orders.salesforce_quote_id
        left join
            orders as superseded_orders
            on superseded_orders.salesforce_order_id = lines.superseded_order_id
    )

select
    salesforce_order_item_id,
    salesforce_order_id,
    salesforce_contract_id,
    order_item_number,
    sku,
    superseded_order_item_id,
    salesforce_quote_line_id,
    bundle_order_item_id,
    revenue_type,
    quantity,
    held_quantity,
    minor_per_major,
    starts_on,
    unit_minor,
    previous_unit_minor,
    quoted_minor,
    units_minor,
    arr_minor,
    ends_before,
    arr_delta_minor,
    is_within_contract,
    whole_months,
    -- What the quantities say, where the organisation does not say it.
    case
        when
            action in (
                'new',
                'add',
                'upsize',
                'downsize',
                'swap',
                'renew',
                'cancel',
                'cotermination',
                'price_change'
            )
        then action
        when quantity = 0
        then 'cancel'
        when
            superseded_order_item_id is null and coalesce(quote_type, 'Quote') = 'Quote'
        then 'new'
        when superseded_order_item_id is null
        then 'add'
        when superseded_product_id <> salesforce_product_id
        then 'swap'
        when quantity > held_quantity
        then 'upsize'
        when quantity < held_quantity
        then 'downsize'
        when is_repriced
        then 'price_change'
        -- What goes on unchanged after its end is renewed; before it, its end was
        -- moved.
        when starts_on > superseded_ends_on
        then 'renew'
        else 'cotermination'
    end as order_action
from related

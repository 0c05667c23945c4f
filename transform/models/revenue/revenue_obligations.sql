with

    lines as (select * from {{ ref("order_lines") }} where action <> 'cancel'),

    orders as (select * from {{ ref("orders") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    modifications as (select * from {{ ref("contract_modifications") }}),

    firsts as (
        select contract_id, min(order_number) as order_number
        from orders
        group by contract_id
    )

select
    lines.contract_id,
    lines.order_line_id as obligation_id,
    -- A renewal is a contract of its own; so is what is sold separately.
    case
        when firsts.order_number is null then 'modification:' || lines.order_id
    end as added_by,
    lines.product_id,
    case
        lines.revenue_type
        when 'usage'
        then 'usage'
        when 'one_time'
        then 'point_in_time'
        else 'daily'
    end as method,
    lines.starts_on,
    lines.ends_before,
    case
        when lines.revenue_type = 'usage' then cast(0 as bigint) else lines.tcv_minor
    end as amount_minor,
    cast(null as bigint) as stated_ssp_minor,
    cast(lines.quantity * 1000000 as bigint) as quantity_micros,
    cast(lines.quantity * 1000000 as bigint) as total_units,
    cast(null as bigint) as unit_price_micros,
    lines.revenue_type = 'usage' as is_unconditional,
    cast(0 as bigint) as returns_minor,
    cast(0 as bigint) as returns_cost_minor
from lines
inner join contracts using (contract_id)
inner join orders using (order_id)
left join
    firsts
    on firsts.contract_id = lines.contract_id
    and firsts.order_number = orders.order_number
left join modifications on modifications.order_id = lines.order_id
where modifications.order_id is null or modifications.treatment = 'separate'

with lines as (select * from {{ ref("revenue_order_lines") }} where change_number = 0)

select
    contract_id,
    obligation_id,
    case when not is_signed then modification_id end as added_by,
    product_id,
    case
        revenue_type
        when 'usage'
        then 'usage'
        when 'one_time'
        then 'point_in_time'
        else 'daily'
    end as method,
    starts_on,
    ends_before,
    case
        when revenue_type = 'usage' then cast(0 as bigint) else tcv_minor
    end as amount_minor,
    cast(null as bigint) as stated_ssp_minor,
    cast(quantity * 1000000 as bigint) as quantity_micros,
    cast(quantity * 1000000 as bigint) as total_units,
    cast(null as bigint) as unit_price_micros,
    revenue_type = 'usage' as is_unconditional,
    cast(0 as bigint) as returns_minor,
    cast(0 as bigint) as returns_cost_minor
from lines
-- What an undecided modification adds is nothing yet; its contract is held.
where
    not is_modification
    or treatment in ('separate', 'prospective', 'catch_up', 'combined')

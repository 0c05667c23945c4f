with

    changes as (select * from {{ ref("int_contracts__changes") }}),

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    lines as (select * from {{ ref("int_order_lines__valued") }}),

    decided as (select * from {{ ref("modification_treatments") }}),

    -- Recurly's six types; swaps and renewals within a contract are none of the first
    -- five.
    typed as (
        select
            *,
            case
                when order_action in ('new', 'add')
                then 'new_line'
                when order_action in ('upsize', 'downsize')
                then 'quantity'
                when order_action = 'price_change'
                then 'price'
                when order_action = 'cotermination'
                then 'term'
                when order_action = 'cancel'
                then 'cancel_return'
                else 'other'
            end as line_type
        from lines
    ),

    summed as (
        select
            salesforce_order_id,
            case
                when min(line_type) = max(line_type) then min(line_type) else 'other'
            end as modification_type,
            {{ sum_minor("tcv_minor") }} as tcv_minor,
            {{ sum_minor("arr_delta_minor") }} as arr_delta_minor
        from typed
        group by salesforce_order_id
    ),

    ordered as (
        select
            *,
            lag(change_number) over (
                partition by salesforce_contract_id order by effective_on, change_number
            ) as previous_number
        from changes
    )

select
    ordered.salesforce_contract_id,
    ordered.salesforce_order_id,
    contracts.customer_id,
    contracts.legal_entity_code,
    ordered.previous_number as from_version_number,
    case
        when ordered.change = 'amendment' then ordered.change_number
    end as to_version_number,
    ordered.effective_on as modified_on,
    ordered.recorded_at,
    coalesce(summed.modification_type, 'other') as modification_type,
    coalesce(summed.tcv_minor, 0) as tcv_minor,
    coalesce(summed.arr_delta_minor, 0) as arr_delta_minor,
    contracts.currency,
    decided.treatment,
    decided.is_distinct,
    decided.is_at_standalone_price,
    decided.decided_by,
    decided.decided_at,
    decided.rationale
from ordered
inner join contracts using (salesforce_contract_id)
left join summed on summed.salesforce_order_id = ordered.salesforce_order_id
left join decided on decided.salesforce_order_id = ordered.salesforce_order_id
-- An organisation without orders keeps no modifications that anyone could decide on.
where
    ordered.change in ('amendment', 'termination')
    and ordered.salesforce_order_id is not null

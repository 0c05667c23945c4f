with

    changes as (select * from {{ ref("int_contracts__changes") }}),

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    lines as (select * from {{ ref("int_order_lines__valued") }}),

    decided as (select * from {{ ref("modification_treatments") }}),

    policies as (select * from {{ ref("modification_policies") }}),

    listed as (select * from {{ ref("int_order_lines__listed") }}),

    -- Recurly's six types; swaps and renewals within a contract are none of the first
    -- five.
    typed as (
        select
            lines.*,
            listed.is_at_list_price and not listed.is_sold_before as is_standalone,
            lines.revenue_type = 'one_time'
            and lines.order_action not in ('new', 'add') as is_uncovered,
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
        left join listed using (salesforce_order_item_id)
    ),

    summed as (
        select
            salesforce_order_id,
            case
                when min(line_type) = max(line_type) then min(line_type) else 'other'
            end as modification_type,
            {{ sum_minor("tcv_minor") }} as tcv_minor,
            {{ sum_minor("arr_delta_minor") }} as arr_delta_minor,
            min(case when is_standalone then 1 else 0 end) = 1 as is_standalone,
            max(case when is_uncovered then 1 else 0 end) = 1 as is_uncovered
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
    ),

    modified as (
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
            coalesce(summed.is_standalone, false) as is_standalone,
            -- A policy speaks of service over time; the rest is for a person.
            case
                when coalesce(summed.is_uncovered, true)
                then cast(null as {{ dbt.type_string() }})
                when ordered.change = 'termination'
                then 'termination'
                else summed.modification_type
            end as policy_type
        from ordered
        inner join contracts using (salesforce_contract_id)
        left join summed on summed.salesforce_order_id = ordered.salesforce_order_id
        -- An organisation without orders keeps no modifications that anyone could
        -- decide on.
        where
            ordered.change in ('amendment', 'termination')
            and ordered.salesforce_order_id is not null
    )

select
    modified.salesforce_contract_id,
    modified.salesforce_order_id,
    modified.customer_id,
    modified.legal_entity_code,
    modified.from_version_number,
    modified.to_version_number,
    modified.modified_on,
    modified.recorded_at,
    modified.modification_type,
    modified.tcv_minor,
    modified.arr_delta_minor,
    modified.currency,
    {% for column in ["treatment", "decided_by", "decided_at", "rationale"] %}
        case
            when decided.salesforce_order_id is null
            then policies.{{ column }}
            else decided.{{ column }}
        end as {{ column }},
    {% endfor %}
    case
        when decided.salesforce_order_id is not null
        then decided.is_distinct
        when policies.treatment is not null
        then true
    end as is_distinct,
    case
        when decided.salesforce_order_id is not null
        then decided.is_at_standalone_price
        when policies.treatment is not null
        then modified.is_standalone
    end as is_at_standalone_price,
    decided.salesforce_order_id is null
    and policies.treatment is not null as is_by_policy
from modified
left join decided on decided.salesforce_order_id = modified.salesforce_order_id
left join
    policies
    on policies.modification_type = modified.policy_type
    and policies.standalone_price
    in ('any', case when modified.is_standalone then 'yes' else 'no' end)

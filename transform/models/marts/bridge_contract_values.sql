with

    orders as (
        select *
        from {{ ref("orders") }}
        where status = 'activated' and activated_on is not null
    ),

    order_lines as (select * from {{ ref("order_lines") }}),

    contracts as (select * from {{ ref("contracts") }}),

    terms as (select * from {{ ref("int_contracts__terms_valued") }}),

    quote_lines as (select * from {{ ref("int_bookings__lines") }}),

    ordered_contracts as (
        select contract_id as salesforce_contract_id from orders group by contract_id
    ),

    -- Where the organization keeps no orders, a won quote is one.
    quoted_lines as (
        select quote_lines.*
        from quote_lines
        left join ordered_contracts using (salesforce_contract_id)
        where ordered_contracts.salesforce_contract_id is null
    ),

    ordered as (
        select
            contracts.contract_id,
            orders.legal_entity_code,
            orders.currency,
            orders.quote_id is null and order_lines.action = 'cancel' as is_terminating,
            {{ first_of_month("orders.activated_on") }} as month,
            order_lines.revenue_type,
            order_lines.tcv_minor
        from order_lines
        inner join orders using (order_id)
        inner join contracts on contracts.contract_id = order_lines.contract_id

        union all

        select
            contracts.contract_id,
            contracts.legal_entity_code,
            quoted_lines.currency,
            false as is_terminating,
            {{ first_of_month("quoted_lines.booked_on") }} as month,
            case
                when quoted_lines.is_recurring then 'recurring' else 'one_time'
            end as revenue_type,
            quoted_lines.total_minor as tcv_minor
        from quoted_lines
        inner join
            contracts on contracts.contract_id = quoted_lines.salesforce_contract_id
    ),

    ordered_value as (
        select
            contract_id,
            max(month) as last_month,
            max(case when is_terminating then 1 else 0 end) = 1 as is_terminated,
            {{
                sum_minor(
                    "case when revenue_type = 'one_time' then tcv_minor else 0 end"
                )
            }} as one_time_minor,
            {{ sum_minor("tcv_minor") }} as ordered_minor,
            count(*) as lines_count
        from ordered
        group by contract_id
    ),

    -- What the lines of the contract are worth for as long as they are in force.
    agreed as (
        select
            contracts.contract_id,
            contracts.legal_entity_code,
            contracts.currency,
            coalesce(
                ordered_value.last_month, {{ first_of_month("contracts.starts_on") }}
            ) as month,
            coalesce(ordered_value.is_terminated, false)
            or contracts.status = 'terminated' as is_terminated,
            coalesce(terms.recurring_minor, 0)
            + coalesce(ordered_value.one_time_minor, 0)
            - coalesce(ordered_value.ordered_minor, 0) as difference_minor,
            coalesce(ordered_value.lines_count, 0) as lines_count
        from contracts
        left join ordered_value using (contract_id)
        left join terms on terms.salesforce_contract_id = contracts.contract_id
    ),

    orders_value as (
        select
            contract_id,
            legal_entity_code,
            currency,
            month,
            case when is_terminating then 'termination' else 'order' end as source,
            {{ sum_minor("tcv_minor") }} as amount_minor,
            count(*) as lines_count
        from ordered
        group by contract_id, legal_entity_code, currency, month, is_terminating
    )

select
    contract_id, legal_entity_code, currency, month, source, amount_minor, lines_count
from orders_value

union all

-- A termination order is priced before discounts for some months: what was not to be
-- paid for the months that are left is no value that is lost.
select
    contract_id,
    legal_entity_code,
    currency,
    month,
    case when is_terminated then 'terminated_terms' else 'terms' end as source,
    difference_minor as amount_minor,
    lines_count
from agreed
where difference_minor <> 0

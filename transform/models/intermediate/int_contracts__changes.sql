with

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    orders as (
        select * from {{ ref("int_orders__linked") }} where status = 'Activated'
    ),

    sales as (select * from {{ ref("int_contracts__sold") }}),

    signed as (
        select
            contracts.salesforce_contract_id,
            'signature' as change,
            sales.salesforce_order_id,
            contracts.salesforce_quote_id,
            contracts.starts_on as effective_on,
            coalesce(
                sales.term_ends_before, {{ add_days("contracts.ends_on", 1) }}
            ) as term_ends_before,
            sales.payment_terms,
            contracts.created_at as recorded_at
        from contracts
        left join
            sales
            on sales.salesforce_quote_id = contracts.salesforce_quote_id
            and sales.salesforce_contract_id = contracts.salesforce_contract_id
    ),

    amended as (
        select
            sales.salesforce_contract_id,
            'amendment' as change,
            sales.salesforce_order_id,
            sales.salesforce_quote_id,
            sales.effective_on,
            sales.term_ends_before,
            sales.payment_terms,
            sales.recorded_at
        from sales
        inner join contracts using (salesforce_contract_id)
        where sales.salesforce_quote_id is distinct from contracts.salesforce_quote_id
    ),

    -- Made by hand, without a quote: it changes the contract all the same.
    unquoted as (
        select
            orders.salesforce_contract_id,
            case
                when orders.order_type = 'Cancellation'
                then 'termination'
                else 'amendment'
            end as change,
            orders.salesforce_order_id,
            orders.salesforce_quote_id,
            orders.starts_on as effective_on,
            {{ add_days("orders.ends_on", 1) }} as term_ends_before,
            cast(null as {{ dbt.type_string() }}) as payment_terms,
            orders.created_at as recorded_at
        from orders
        inner join contracts using (salesforce_contract_id)
        where orders.salesforce_quote_id is null
    ),

    -- Nothing tells when an end without an order was recorded: when it came, at the
    -- latest.
    ended as (
        select
            contracts.salesforce_contract_id,
            'termination' as change,
            cast(null as {{ dbt.type_string() }}) as salesforce_order_id,
            cast(null as {{ dbt.type_string() }}) as salesforce_quote_id,
            {{ add_days("contracts.ends_on", 1) }} as effective_on,
            {{ add_days("contracts.ends_on", 1) }} as term_ends_before,
            cast(null as {{ dbt.type_string() }}) as payment_terms,
            {{ utc_instant(add_days("contracts.ends_on", 1)) }} as recorded_at
        from contracts
        where
            contracts.status = 'Terminated'
            and contracts.salesforce_contract_id not in (
                select salesforce_contract_id from unquoted where change = 'termination'
            )
    ),

    changes as (
        {% for kind in ["signed", "amended", "unquoted", "ended"] %}
            select
                salesforce_contract_id,
                change,
                salesforce_order_id,
                salesforce_quote_id,
                effective_on,
                term_ends_before,
                payment_terms,
                recorded_at
            from {{ kind }} {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    salesforce_contract_id,
    change,
    salesforce_order_id,
    salesforce_quote_id,
    effective_on,
    term_ends_before,
    payment_terms,
    recorded_at,
    -- In the order in which they were recorded, which a later record never changes.
    row_number() over (
        partition by salesforce_contract_id
        order by
            recorded_at,
            case change when 'signature' then 0 when 'amendment' then 1 else 2 end,
            effective_on,
            {{ by_bytes("coalesce(salesforce_order_id, salesforce_quote_id, '')") }}
    ) as change_number
from changes

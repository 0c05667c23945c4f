with

    orders as (
        select * from {{ ref("int_orders__linked") }} where status = 'Activated'
    ),

    booked as (select * from {{ ref("int_orders__booked") }}),

    quotes as (select * from {{ ref("stg_salesforce__quotes") }}),

    ordered_quotes as (
        select salesforce_quote_id, min(salesforce_order_id) as salesforce_order_id
        from orders
        where salesforce_quote_id is not null
        group by salesforce_quote_id
    )

select
    booked.salesforce_contract_id,
    booked.salesforce_quote_id,
    ordered_quotes.salesforce_order_id,
    quotes.starts_on as effective_on,
    {{ add_days("quotes.ends_on", 1) }} as term_ends_before,
    quotes.payment_terms,
    coalesce(orders.created_at, {{ utc_instant("booked.booked_on") }}) as recorded_at
from booked
inner join quotes using (salesforce_quote_id)
left join ordered_quotes using (salesforce_quote_id)
left join orders on orders.salesforce_order_id = ordered_quotes.salesforce_order_id
where booked.salesforce_contract_id is not null

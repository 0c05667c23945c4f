with orders as (select * from {{ ref("int_orders__linked") }})

select
    salesforce_order_id as order_id,
    order_number,
    customer_id,
    legal_entity_code,
    salesforce_contract_id as contract_id,
    salesforce_opportunity_id as opportunity_id,
    salesforce_quote_id as quote_id,
    salesforce_pricebook_id as price_book_id,
    lower(order_type) as order_type,
    lower(status) as status,
    activated_on,
    starts_on,
    ends_on,
    total_minor,
    currency,
    created_at,
    modified_at,
    'salesforce' as system,
    salesforce_order_id as record_id
from orders

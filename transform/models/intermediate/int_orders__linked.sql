with

    orders as (select * from {{ ref("stg_salesforce__orders") }}),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }})

-- Whose account or currency we do not know is held: see int_held__….
select
    orders.salesforce_order_id,
    orders.order_number,
    orders.salesforce_account_id,
    accounts.customer_id,
    accounts.legal_entity_code,
    orders.salesforce_contract_id,
    orders.salesforce_opportunity_id,
    orders.salesforce_quote_id,
    orders.salesforce_pricebook_id,
    orders.status,
    orders.order_type,
    orders.activated_on,
    orders.starts_on,
    orders.ends_on,
    orders.currency,
    currencies.minor_per_major,
    {{ to_minor("orders.total_amount", "currencies.minor_per_major") }} as total_minor,
    orders.created_at,
    orders.modified_at
from orders
inner join accounts using (salesforce_account_id)
inner join currencies on currencies.currency = orders.currency
where not orders.is_deleted

with

    quotes as (select * from {{ ref("stg_salesforce__quotes") }} where not is_deleted),

    opportunities as (select * from {{ ref("stg_salesforce__opportunities") }}),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }})

select
    quotes.salesforce_quote_id as quote_id,
    quotes.name as quote_number,
    quotes.salesforce_opportunity_id as opportunity_id,
    accounts.customer_id,
    accounts.legal_entity_code,
    quotes.master_contract_id as amended_contract_id,
    lower(quotes.quote_type) as quote_type,
    quotes.status,
    quotes.is_primary,
    quotes.is_ordered,
    quotes.starts_on,
    {{ add_days("quotes.ends_on", 1) }} as ends_before,
    {{ to_minor("quotes.net_amount", "currencies.minor_per_major") }} as net_minor,
    quotes.currency,
    quotes.payment_terms,
    quotes.approval_status,
    quotes.approved_by,
    quotes.approved_on,
    quotes.approval_reason,
    quotes.created_at,
    quotes.modified_at,
    'salesforce' as system,
    quotes.salesforce_quote_id as record_id
from quotes
inner join currencies on currencies.currency = quotes.currency
left join opportunities using (salesforce_opportunity_id)
-- The seller may leave the account of the quote empty: it is the opportunity's.
left join
    accounts
    on accounts.salesforce_account_id
    = coalesce(quotes.salesforce_account_id, opportunities.salesforce_account_id)

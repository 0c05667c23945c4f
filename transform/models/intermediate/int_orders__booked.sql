with

    quotes as (select * from {{ ref("stg_salesforce__quotes") }}),

    opportunities as (select * from {{ ref("stg_salesforce__opportunities") }}),

    contracts as (
        select
            salesforce_quote_id, min(salesforce_contract_id) as salesforce_contract_id
        from {{ ref("stg_salesforce__contracts") }}
        where not is_deleted
        group by salesforce_quote_id
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    currencies as (select * from {{ ref("currencies") }})

select
    quotes.salesforce_quote_id,
    opportunities.salesforce_opportunity_id,
    records.customer_id,
    -- A new order makes its contract; an amendment names the one that it changes.
    coalesce(
        contracts.salesforce_contract_id, quotes.master_contract_id
    ) as salesforce_contract_id,
    opportunities.closes_on as booked_on,
    quotes.currency,
    {{ to_minor("quotes.net_amount", "currencies.minor_per_major") }} as total_minor
from quotes
inner join opportunities using (salesforce_opportunity_id)
inner join
    records
    on records.system = 'salesforce'
    and records.record_id = opportunities.salesforce_account_id
left join contracts on contracts.salesforce_quote_id = quotes.salesforce_quote_id
left join currencies on currencies.currency = quotes.currency
where
    quotes.is_ordered
    and opportunities.is_won
    and not quotes.is_deleted
    and not opportunities.is_deleted

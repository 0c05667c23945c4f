with

    contracts as (select * from {{ ref("stg_salesforce__contracts") }}),

    accounts as (select * from {{ ref("stg_salesforce__accounts") }}),

    records as (select * from {{ ref("int_customers__linked") }})

select
    contracts.salesforce_contract_id,
    contracts.salesforce_account_id,
    records.customer_id,
    -- A group of one company never wrote down which of them sells.
    coalesce(accounts.legal_entity_code, 'US') as legal_entity_code,
    contracts.contract_number,
    contracts.status,
    contracts.starts_on,
    contracts.ends_on,
    contracts.currency,
    contracts.salesforce_quote_id,
    contracts.salesforce_opportunity_id,
    contracts.master_contract_id,
    contracts.created_at
from contracts
inner join
    records
    on records.system = 'salesforce'
    and records.record_id = contracts.salesforce_account_id
left join accounts on accounts.salesforce_account_id = contracts.salesforce_account_id
where
    not contracts.is_deleted
    and contracts.status in ('Activated', 'Expired', 'Terminated')

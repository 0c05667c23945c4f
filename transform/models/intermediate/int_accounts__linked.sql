with

    accounts as (select * from {{ ref("stg_salesforce__accounts") }}),

    records as (select * from {{ ref("int_customers__linked") }})

select
    accounts.salesforce_account_id,
    records.customer_id,
    -- A group of one company never wrote down which of them sells.
    coalesce(accounts.legal_entity_code, 'US') as legal_entity_code
from accounts
inner join
    records
    on records.system = 'salesforce'
    and records.record_id = accounts.salesforce_account_id

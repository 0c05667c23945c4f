with

    contracts as (select * from {{ ref("stg_salesforce__contracts") }}),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }})

-- Whose account or currency we do not know is held: see int_held__….
select
    contracts.salesforce_contract_id,
    contracts.salesforce_account_id,
    accounts.customer_id,
    accounts.legal_entity_code,
    contracts.contract_number,
    contracts.status,
    contracts.starts_on,
    contracts.ends_on,
    contracts.term_months,
    contracts.currency,
    currencies.minor_per_major,
    {{ to_minor("contracts.monthly_minimum_amount", "currencies.minor_per_major") }}
    as monthly_minimum_minor,
    contracts.salesforce_quote_id,
    contracts.salesforce_opportunity_id,
    contracts.master_contract_id,
    contracts.cancel_reason,
    contracts.purchase_order_number,
    contracts.is_auto_renewed,
    contracts.renewal_notice_days,
    contracts.created_at
from contracts
inner join accounts using (salesforce_account_id)
inner join currencies on currencies.currency = contracts.currency
where
    not contracts.is_deleted
    and contracts.status in ('Activated', 'Expired', 'Terminated')

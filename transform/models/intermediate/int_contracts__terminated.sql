with

    contracts as (select * from {{ ref("int_contracts__signed") }}),

    reasons as (
        select count(*) as reasons_count from contracts where cancel_reason is not null
    )

-- Where nobody ever wrote down a reason, the CRM is not the place where they are kept.
select
    contracts.salesforce_contract_id,
    contracts.customer_id,
    contracts.contract_number,
    contracts.cancel_reason
from contracts
cross join reasons
where contracts.status = 'Terminated' and reasons.reasons_count > 0

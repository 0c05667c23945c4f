select
    id as salesforce_contract_id,
    account_id as salesforce_account_id,
    contract_number,
    status,
    start_date as starts_on,
    end_date as ends_on,
    sbqq__quote__c as salesforce_quote_id,
    sbqq__opportunity__c as salesforce_opportunity_id,
    {{ filled("master_contract__c") }} as master_contract_id,
    upper(currency_iso_code) as currency,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "contracts") }}

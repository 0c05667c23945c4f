select
    id as salesforce_quote_id,
    name,
    sbqq__account__c as salesforce_account_id,
    sbqq__opportunity2__c as salesforce_opportunity_id,
    sbqq__primary__c as is_primary,
    sbqq__ordered__c as is_ordered,
    sbqq__status__c as status,
    sbqq__type__c as quote_type,
    sbqq__master_contract__c as master_contract_id,
    sbqq__start_date__c as starts_on,
    sbqq__end_date__c as ends_on,
    sbqq__net_amount__c as net_amount,
    upper(currency_iso_code) as currency,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "quotes") }}

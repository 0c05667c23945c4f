-- Accounts of Salesforce. A merged account points to the one that took it in.
select
    'salesforce' as system,
    'account' as object,
    id as record_id,
    name,
    website,
    billing_email__c as email,
    tax_id__c as tax_id,
    billing_country as country,
    null as street,
    null as city,
    null as postal_code,
    null as phone,
    'salesforce:account:' || parent_id as parent_key,
    ['salesforce:account:' || master_record_id] as reference_keys,
    'salesforce:account:' || duplicate_of__c as duplicate_of,
    created_date as created_at,
    not is_deleted as is_live
from raw_salesforce.accounts

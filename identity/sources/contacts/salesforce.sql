-- Contacts of Salesforce. A merged contact points to the one that took it in.
select
    'salesforce' as system,
    'contact' as object,
    id as record_id,
    concat_ws(' ', first_name, last_name) as name,
    first_name as given_name,
    last_name as family_name,
    email,
    phone,
    'salesforce:account:' || account_id as customer_key,
    ['salesforce:contact:' || master_record_id] as reference_keys,
    null as duplicate_of,
    created_date as created_at,
    not is_deleted as is_live
from raw_salesforce.contacts

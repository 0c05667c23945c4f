-- Leads of Salesforce: somebody whom nobody has made a contact of, or the contact that
-- was made of the lead. Until then it belongs to no customer.
select
    'salesforce' as system,
    'lead' as object,
    id as record_id,
    concat_ws(' ', first_name, last_name) as name,
    first_name as given_name,
    last_name as family_name,
    email,
    null as phone,
    'salesforce:account:' || converted_account_id as customer_key,
    [
        'salesforce:contact:' || converted_contact_id,
        'salesforce:lead:' || master_record_id
    ] as reference_keys,
    null as duplicate_of,
    created_date as created_at,
    not is_deleted as is_live
from raw_salesforce.leads

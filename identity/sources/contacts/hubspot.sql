-- Contacts of HubSpot. The integration with Salesforce brings the ids of the contact and
-- of the lead; a contact keeps the ids of those that were merged into it.
select
    'hubspot' as system,
    'contact' as object,
    id as record_id,
    concat_ws(' ', firstname, lastname) as name,
    firstname as given_name,
    lastname as family_name,
    email,
    coalesce(phone, mobilephone) as phone,
    'hubspot:company:' || associatedcompanyid as customer_key,
    list_concat(
        [
            'salesforce:contact:' || salesforcecontactid,
            'salesforce:lead:' || salesforceleadid
        ],
        list_transform(
            string_split(hs_merged_object_ids, ';'),
            lambda merged: 'hubspot:contact:' || trim(merged)
        )
    ) as reference_keys,
    null as duplicate_of,
    createdate as created_at,
    not is_deleted as is_live
from raw_hubspot.contacts

-- Organizations of Zendesk. Their external id is the Salesforce account's.
select
    'zendesk' as system,
    'organization' as object,
    id as record_id,
    name,
    domain_name as website,
    null as email,
    null as tax_id,
    null as country,
    null as street,
    null as city,
    null as postal_code,
    null as phone,
    null as parent_key,
    ['salesforce:account:' || external_id] as reference_keys,
    null as duplicate_of,
    created_at,
    not is_deleted as is_live
from raw_zendesk.organizations

-- End users of Zendesk; agents are our own people.
select
    'zendesk' as system,
    'user' as object,
    id as record_id,
    name,
    null as given_name,
    null as family_name,
    email,
    record ->> '$.phone' as phone,
    'zendesk:organization:' || organization_id as customer_key,
    [] as reference_keys,
    null as duplicate_of,
    created_at,
    not is_deleted as is_live
from raw_zendesk.users
where role = 'end-user'

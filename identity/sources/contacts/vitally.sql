-- Users of Vitally. Their external id is the application's own, which no other system
-- knows. One who uses several accounts is of the first.
select
    'vitally' as system,
    'user' as object,
    id as record_id,
    name,
    null as given_name,
    null as family_name,
    email,
    null as phone,
    'vitally:account:' || (account_ids ->> '$[0]') as customer_key,
    [] as reference_keys,
    null as duplicate_of,
    created_at,
    not is_deleted as is_live
from raw_vitally.users

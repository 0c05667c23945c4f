-- Customers of Chargebee carry a person: who ordered. Address and number are the
-- company's, not that person's.
select
    'chargebee' as system,
    'contact' as object,
    id as record_id,
    concat_ws(' ', first_name, last_name) as name,
    first_name as given_name,
    last_name as family_name,
    null as email,
    null as phone,
    'chargebee:customer:' || id as customer_key,
    [] as reference_keys,
    null as duplicate_of,
    created_at,
    not is_deleted as is_live
from raw_chargebee.customers
where coalesce(first_name, last_name) is not null

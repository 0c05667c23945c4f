-- Parties of Tryton. A party that was made from billing carries billing's key as code.
select
    'tryton' as system,
    'party' as object,
    id as record_id,
    name,
    null as website,
    email,
    tax_identifier as tax_id,
    null as country,
    null as street,
    null as city,
    null as postal_code,
    null as phone,
    null as parent_key,
    [if(starts_with(code, 'cus_'), 'stripe:customer:' || code, null)]
    as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted as is_live
from raw_tryton.parties

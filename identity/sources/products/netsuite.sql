-- Items of NetSuite, by the number that accountants chose. An inactive item keeps who
-- refers to it, and is no longer compared.
select
    'netsuite' as system,
    'item' as object,
    id as record_id,
    displayname as name,
    itemid as sku,
    null as catalogue,
    [] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted and not coalesce(isinactive, false) as is_live
from raw_netsuite.items

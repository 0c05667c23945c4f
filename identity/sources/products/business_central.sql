-- Items of Business Central, of which each company has its own.
select
    'business_central' as system,
    'item' as object,
    id as record_id,
    display_name as name,
    number as sku,
    company_id as catalogue,
    [] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted and not coalesce(blocked, false) as is_live
from raw_business_central.items

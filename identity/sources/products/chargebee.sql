-- Items of Chargebee. The SKU stands in the metadata; else the id is chosen like one.
select
    'chargebee' as system,
    'item' as object,
    id as record_id,
    coalesce(external_name, name) as name,
    coalesce(metadata_sku, id) as sku,
    null as catalogue,
    [] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted as is_live
from raw_chargebee.items

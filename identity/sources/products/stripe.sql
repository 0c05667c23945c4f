-- Products of Stripe. The SKU stands in the metadata.
select
    'stripe' as system,
    'product' as object,
    id as record_id,
    name,
    metadata_sku as sku,
    null as catalogue,
    [] as reference_keys,
    null as duplicate_of,
    null as created_at,
    not is_deleted as is_live
from raw_stripe.products

-- Products of HubSpot's library. The integration with Salesforce brings the product's id.
select
    'hubspot' as system,
    'product' as object,
    id as record_id,
    name,
    hs_sku as sku,
    null as catalogue,
    ['salesforce:product:' || salesforce_product_id] as reference_keys,
    null as duplicate_of,
    createdate as created_at,
    not is_deleted as is_live
from raw_hubspot.products

select
    id as stripe_product_id,
    name,
    active as is_active,
    {{ filled("metadata_sku") }} as sku,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "products") }}

select
    id as chargebee_item_id,
    name,
    type as item_type,
    coalesce({{ filled("metadata_sku") }}, id) as sku,
    coalesce(metered, false) as is_metered,
    usage_calculation as aggregation,
    status,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "items") }}

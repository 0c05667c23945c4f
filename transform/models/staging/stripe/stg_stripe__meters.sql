select
    id as stripe_meter_id,
    display_name as name,
    event_name,
    default_aggregation_formula as aggregation,
    status,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "meters") }}

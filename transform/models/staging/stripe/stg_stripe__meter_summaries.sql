select
    id as stripe_meter_summary_id,
    meter as stripe_meter_id,
    customer as stripe_customer_id,
    start_time as starts_at,
    end_time as ends_at,
    aggregated_value as quantity,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "meter_summaries") }}

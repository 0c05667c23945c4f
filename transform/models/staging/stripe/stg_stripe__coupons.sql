select
    id as stripe_coupon_id,
    percent_off,
    duration,
    duration_in_months as duration_months,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "coupons") }}

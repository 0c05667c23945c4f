select
    id as chargebee_coupon_id,
    name,
    discount_type,
    discount_percentage as percent_off,
    discount_amount as amount_off_minor,
    duration_type as duration,
    apply_on as applies_to,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "coupons") }}

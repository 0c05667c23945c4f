select
    subscription_id as chargebee_subscription_id,
    coupon_id as chargebee_coupon_id,
    apply_till as applies_until,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "subscription_coupons") }}

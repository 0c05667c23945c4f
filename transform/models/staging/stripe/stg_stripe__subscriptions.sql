select
    id as stripe_subscription_id,
    customer as stripe_customer_id,
    status,
    start_date as started_at,
    ended_at,
    canceled_at,
    discount_id as stripe_discount_id,
    {{ filled("discount_coupon") }} as discount_coupon_id,
    discount_start as discount_starts_at,
    discount_end as discount_ends_at,
    {{ filled("metadata_salesforce_contract_id") }} as salesforce_contract_id,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "subscriptions") }}

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
    {{ json_instant("record", ["trial_start"]) }} as trial_starts_at,
    {{ json_instant("record", ["trial_end"]) }} as trial_ends_at,
    {{ json_text("record", ["pause_collection", "behavior"]) }}
    is not null as is_paused,
    {{ json_instant("record", ["pause_collection", "resumes_at"]) }} as resumes_at,
    {{ json_text("record", ["cancellation_details", "reason"]) }}
    as cancellation_reason,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "subscriptions") }}

with

    subscriptions as (
        select *
        from {{ ref("int_subscriptions__stripe") }}
        union all
        select *
        from {{ ref("int_subscriptions__chargebee") }}
    )

select
    billing_system,
    subscription_id,
    billing_customer_id,
    salesforce_contract_id,
    status,
    currency,
    starts_on,
    ended_on,
    anchored_on,
    period_starts_on,
    period_ends_on,
    trial_starts_on,
    trial_ends_on,
    is_paused,
    resumes_on,
    cancel_at,
    cancel_reason,
    coupon_id,
    discount_basis_points,
    discount_ends_on,
    loaded_at
from subscriptions

with

    stripe as (
        select * from {{ ref("stg_stripe__subscriptions") }} where not is_deleted
    ),

    stripe_items as (
        select
            stripe_subscription_id,
            min(period_starts_at) as period_starts_at,
            max(period_ends_at) as period_ends_at
        from {{ ref("stg_stripe__subscription_items") }}
        where not is_deleted
        group by stripe_subscription_id
    ),

    coupons as (select * from {{ ref("stg_stripe__coupons") }}),

    -- A schedule that cancels at its end says when.
    scheduled as (
        select stripe_subscription_id, max(ends_at) as ends_at
        from {{ ref("stg_stripe__schedule_phase_items") }}
        where not is_deleted and status = 'active' and end_behavior = 'cancel'
        group by stripe_subscription_id
    )

select
    'stripe' as billing_system,
    stripe.stripe_subscription_id as subscription_id,
    stripe.stripe_customer_id as billing_customer_id,
    stripe.salesforce_contract_id,
    case
        when stripe.is_paused and stripe.status in ('active', 'past_due')
        then 'paused'
        else stripe.status
    end as status,
    stripe.currency,
    {{ utc_date("stripe.started_at") }} as starts_on,
    {{ utc_date("stripe.ended_at") }} as ended_on,
    {{ utc_date("stripe.anchored_at") }} as anchored_on,
    {{ utc_date("stripe_items.period_starts_at") }} as period_starts_on,
    {{ utc_date("stripe_items.period_ends_at") }} as period_ends_on,
    {{ utc_date("stripe.trial_starts_at") }} as trial_starts_on,
    {{ utc_date("stripe.trial_ends_at") }} as trial_ends_on,
    stripe.is_paused,
    {{ utc_date("stripe.resumes_at") }} as resumes_on,
    case
        when stripe.ended_at is null
        then
            coalesce(
                stripe.cancel_at,
                case
                    when stripe.is_canceled_at_period_end
                    then stripe_items.period_ends_at
                end,
                scheduled.ends_at
            )
    end as cancel_at,
    case
        when stripe.cancellation_reason in ('payment_failed', 'payment_disputed')
        then 'involuntary'
        when stripe.cancellation_reason = 'cancellation_requested'
        then 'voluntary'
    end as cancel_reason,
    stripe.discount_coupon_id as coupon_id,
    cast(coupons.percent_off * 100 as bigint) as discount_basis_points,
    {{ utc_date("stripe.discount_ends_at") }} as discount_ends_on,
    {{ loaded_at("stripe.load_id") }} as loaded_at
from stripe
left join stripe_items using (stripe_subscription_id)
left join scheduled using (stripe_subscription_id)
left join coupons on coupons.stripe_coupon_id = stripe.discount_coupon_id

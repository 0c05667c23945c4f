with

    chargebee as (
        select * from {{ ref("stg_chargebee__subscriptions") }} where not is_deleted
    ),

    subscription_coupons as (
        select *
        from {{ ref("stg_chargebee__subscription_coupons") }}
        where not is_deleted
    ),

    coupons as (select * from {{ ref("stg_chargebee__coupons") }}),

    applied as (
        select
            subscription_coupons.chargebee_subscription_id,
            min(subscription_coupons.chargebee_coupon_id) as coupon_id,
            min(coupons.percent_off) as percent_off,
            -- Without an end unless every coupon has one.
            case
                when count(*) = count(subscription_coupons.applies_until)
                then max(subscription_coupons.applies_until)
            end as ends_at
        from subscription_coupons
        left join coupons using (chargebee_coupon_id)
        group by subscription_coupons.chargebee_subscription_id
    )

select
    'chargebee' as billing_system,
    chargebee.chargebee_subscription_id as subscription_id,
    chargebee.chargebee_customer_id as billing_customer_id,
    chargebee.salesforce_contract_id,
    case
        chargebee.status
        when 'future'
        then 'draft'
        when 'in_trial'
        then 'trialing'
        when 'non_renewing'
        then 'active'
        when 'cancelled'
        then 'canceled'
        when 'transferred'
        then 'canceled'
        else chargebee.status
    end as status,
    chargebee.currency,
    {{ utc_date("chargebee.started_at") }} as starts_on,
    case
        when chargebee.status in ('cancelled', 'transferred')
        then {{ utc_date("chargebee.canceled_at") }}
    end as ended_on,
    {{ utc_date("chargebee.activated_at") }} as anchored_on,
    {{ utc_date("chargebee.term_starts_at") }} as period_starts_on,
    {{ utc_date("chargebee.term_ends_at") }} as period_ends_on,
    {{ utc_date("chargebee.trial_starts_at") }} as trial_starts_on,
    {{ utc_date("chargebee.trial_ends_at") }} as trial_ends_on,
    chargebee.status = 'paused' as is_paused,
    {{ utc_date("chargebee.resumes_at") }} as resumes_on,
    case
        when chargebee.status = 'non_renewing'
        then coalesce(chargebee.canceled_at, chargebee.term_ends_at)
        when
            chargebee.status in ('active', 'in_trial', 'paused')
            and chargebee.contract_action_at_end = 'cancel'
        then chargebee.contract_ends_at
    end as cancel_at,
    case
        when
            chargebee.cancellation_reason in (
                'not_paid',
                'no_card',
                'fraud_review_failed',
                'non_compliant_eu_customer',
                'non_compliant_customer',
                'tax_calculation_failed',
                'currency_incompatible_with_gateway'
            )
        then 'involuntary'
        when chargebee.cancellation_code is not null
        then 'voluntary'
    end as cancel_reason,
    applied.coupon_id,
    cast(applied.percent_off * 100 as bigint) as discount_basis_points,
    {{ utc_date("applied.ends_at") }} as discount_ends_on,
    {{ loaded_at("chargebee.load_id") }} as loaded_at
from chargebee
left join applied using (chargebee_subscription_id)

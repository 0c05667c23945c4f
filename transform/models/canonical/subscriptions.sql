with

    stated as (select * from {{ ref("int_subscriptions__stated") }}),

    records as (select * from {{ ref("customer_records") }}),

    priced as (select * from {{ ref("int_subscriptions__priced") }}),

    segments as (select * from {{ ref("int_contracts__segments") }}),

    contracted as (
        select
            salesforce_contract_id,
            max(
                case
                    when
                        discount_basis_points > 0
                        and starts_on <= {{ as_of() }}
                        and ends_before > {{ as_of() }}
                    then 1
                    else 0
                end
            ) as discounted_segments
        from segments
        group by salesforce_contract_id
    ),

    -- Only a running subscription of a known contract can carry a discount for too
    -- long.
    derived as (
        select
            stated.subscription_id,
            case
                when
                    stated.status in ('active', 'past_due', 'paused')
                    and contracted.discounted_segments = 0
                then cast(null as {{ dbt.type_string() }})
                else stated.coupon_id
            end as discount_coupon_id
        from stated
        left join contracted using (salesforce_contract_id)
    )

select
    stated.subscription_id,
    stated.billing_system,
    case
        when stated.billing_system = 'stripe' then stated.subscription_id
    end as stripe_subscription_id,
    case
        when stated.billing_system = 'stripe' then stated.billing_customer_id
    end as stripe_customer_id,
    case
        when stated.billing_system = 'chargebee' then stated.subscription_id
    end as chargebee_subscription_id,
    records.customer_id,
    stated.salesforce_contract_id as contract_id,
    stated.status,
    stated.starts_on,
    stated.ended_on,
    stated.anchored_on,
    stated.trial_ends_on,
    stated.resumes_on,
    stated.cancel_at,
    stated.cancel_reason,
    stated.ended_on is null and stated.cancel_at is null as is_auto_renewing,
    priced.currency,
    coalesce(priced.arr_minor, 0) as arr_minor,
    {{ div_half_up("coalesce(priced.arr_minor, 0)", "12") }} as mrr_minor,
    {{ golden_record() }}
from stated
inner join derived on derived.subscription_id = stated.subscription_id
left join
    records
    on records.system = stated.billing_system
    and records.record_id = stated.billing_customer_id
left join priced on priced.subscription_id = stated.subscription_id

with

    stripe as (
        select * from {{ ref("stg_stripe__subscriptions") }} where not is_deleted
    ),

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
            stripe.stripe_subscription_id,
            case
                when
                    stripe.status in ('active', 'past_due')
                    and contracted.discounted_segments = 0
                then cast(null as {{ dbt.type_string() }})
                else stripe.discount_coupon_id
            end as discount_coupon_id
        from stripe
        left join contracted using (salesforce_contract_id)
    )

select
    stripe.stripe_subscription_id as subscription_id,
    stripe.stripe_subscription_id,
    stripe.stripe_customer_id,
    records.customer_id,
    stripe.salesforce_contract_id as contract_id,
    stripe.status,
    {{ utc_date("stripe.started_at") }} as starts_on,
    {{ utc_date("stripe.ended_at") }} as ended_on,
    priced.currency,
    coalesce(priced.arr_minor, 0) as arr_minor,
    {{ div_half_up("coalesce(priced.arr_minor, 0)", "12") }} as mrr_minor,
    {{ golden_record() }}
from stripe
inner join derived on derived.stripe_subscription_id = stripe.stripe_subscription_id
left join
    records
    on records.system = 'stripe'
    and records.record_id = stripe.stripe_customer_id
left join priced on priced.stripe_subscription_id = stripe.stripe_subscription_id

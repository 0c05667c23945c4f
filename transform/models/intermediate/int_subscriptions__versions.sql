with

    stripe as (select * from {{ ref("stg_stripe__subscription_item_versions") }}),

    chargebee as (select * from {{ ref("stg_chargebee__subscription_item_versions") }}),

    versions as (
        select
            'stripe' as billing_system,
            stripe_subscription_id as subscription_id,
            stripe_price_id as price_id,
            quantity,
            {{ utc_date("created_at") }} as created_on,
            loaded_at,
            superseded_at
        from stripe
        where not is_deleted

        union all

        select
            'chargebee' as billing_system,
            chargebee_subscription_id as subscription_id,
            chargebee_item_price_id as price_id,
            quantity,
            cast(null as date) as created_on,
            loaded_at,
            superseded_at
        from chargebee
        where not is_deleted
    )

select
    billing_system,
    subscription_id,
    price_id,
    quantity,
    created_on,
    loaded_at,
    superseded_at
from versions

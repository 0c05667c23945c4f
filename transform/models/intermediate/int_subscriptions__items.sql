with

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    stripe_items as (
        select * from {{ ref("stg_stripe__subscription_items") }} where not is_deleted
    ),

    chargebee_items as (
        select *
        from {{ ref("stg_chargebee__subscription_items") }}
        where not is_deleted
    ),

    versions as (select * from {{ ref("int_subscriptions__versions") }}),

    -- One price may stand in a subscription twice: it is billed as one.
    items as (
        select
            'stripe' as billing_system,
            stripe_subscription_id as subscription_id,
            stripe_price_id as price_id,
            min(stripe_subscription_item_id) as item_id,
            cast(sum(quantity) as bigint) as quantity,
            min({{ utc_date("created_at") }}) as created_on,
            max({{ utc_date("period_starts_at") }}) as period_starts_on,
            max({{ loaded_at("load_id") }}) as loaded_at
        from stripe_items
        group by stripe_subscription_id, stripe_price_id

        union all

        select
            'chargebee' as billing_system,
            chargebee_items.chargebee_subscription_id as subscription_id,
            chargebee_items.chargebee_item_price_id as price_id,
            chargebee_items.chargebee_item_price_id as item_id,
            cast(sum(chargebee_items.quantity) as bigint) as quantity,
            min(subscriptions.starts_on) as created_on,
            max(subscriptions.period_starts_on) as period_starts_on,
            max({{ loaded_at("chargebee_items.load_id") }}) as loaded_at
        from chargebee_items
        inner join
            subscriptions
            on subscriptions.billing_system = 'chargebee'
            and subscriptions.subscription_id
            = chargebee_items.chargebee_subscription_id
        group by
            chargebee_items.chargebee_subscription_id,
            chargebee_items.chargebee_item_price_id
    ),

    -- When a load last saw another quantity of the price than there is now.
    changes as (
        select
            items.billing_system,
            items.subscription_id,
            items.price_id,
            max({{ utc_date("versions.superseded_at") }}) as changed_on
        from items
        inner join versions using (billing_system, subscription_id, price_id)
        where versions.quantity is distinct from items.quantity
        group by items.billing_system, items.subscription_id, items.price_id
    )

select
    items.billing_system,
    items.subscription_id,
    items.price_id,
    items.item_id,
    items.quantity,
    items.created_on,
    greatest(items.period_starts_on, items.created_on) as period_starts_on,
    changes.changed_on,
    items.loaded_at
from items
inner join subscriptions using (billing_system, subscription_id)
left join changes using (billing_system, subscription_id, price_id)

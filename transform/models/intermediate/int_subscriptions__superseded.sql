-- Each version of an item that a load replaced by another quantity, or took away.
with

    items as (select * from {{ ref("int_subscriptions__items") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    versions as (select * from {{ ref("int_subscriptions__versions") }}),

    followed as (
        select
            *,
            row_number() over (
                partition by billing_system, subscription_id, price_id
                order by superseded_at desc
            ) as age_rank,
            lead(quantity) over (
                partition by billing_system, subscription_id, price_id
                order by superseded_at
            ) as next_quantity
        from versions
    )

select
    followed.billing_system,
    followed.subscription_id,
    followed.price_id,
    followed.quantity,
    coalesce(followed.created_on, subscriptions.starts_on) as valid_from,
    followed.loaded_at as recorded_from,
    followed.superseded_at as recorded_to
from followed
inner join subscriptions using (billing_system, subscription_id)
left join items using (billing_system, subscription_id, price_id)
where
    followed.quantity is distinct from case
        when followed.age_rank = 1 then items.quantity else followed.next_quantity
    end

with

    pieces as (select * from {{ ref("int_subscriptions__split") }}),

    superseded as (select * from {{ ref("int_subscriptions__superseded") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    marked as (
        select
            *,
            case
                when
                    lag(valid_to) over (
                        partition by
                            billing_system,
                            subscription_id,
                            price_id,
                            quantity,
                            discount_basis_points,
                            is_trial,
                            is_paused
                        order by valid_from
                    )
                    = valid_from
                then 0
                else 1
            end as is_start
        from pieces
    ),

    numbered as (
        select
            *,
            sum(is_start) over (
                partition by
                    billing_system,
                    subscription_id,
                    price_id,
                    quantity,
                    discount_basis_points,
                    is_trial,
                    is_paused
                order by valid_from
            ) as stretch
        from marked
    )

select
    billing_system,
    subscription_id,
    price_id,
    quantity,
    discount_basis_points,
    is_trial,
    is_paused,
    min(valid_from) as valid_from,
    -- Without an end if the last one has none.
    case when count(*) = count(valid_to) then max(valid_to) end as valid_to,
    min(loaded_at) as recorded_from,
    cast(null as timestamp with time zone) as recorded_to
from numbered
group by
    billing_system,
    subscription_id,
    price_id,
    quantity,
    discount_basis_points,
    is_trial,
    is_paused,
    stretch

union all

-- What was believed until a load said otherwise.
select
    superseded.billing_system,
    superseded.subscription_id,
    superseded.price_id,
    superseded.quantity,
    coalesce(subscriptions.discount_basis_points, 0) as discount_basis_points,
    false as is_trial,
    false as is_paused,
    superseded.valid_from,
    cast(null as date) as valid_to,
    superseded.recorded_from,
    superseded.recorded_to
from superseded
inner join subscriptions using (billing_system, subscription_id)

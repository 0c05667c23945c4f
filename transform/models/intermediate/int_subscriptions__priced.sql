with

    subscriptions as (select * from {{ ref("stg_stripe__subscriptions") }}),

    items as (select * from {{ ref("stg_stripe__subscription_items") }}),

    prices as (select * from {{ ref("stg_stripe__prices") }}),

    coupons as (select * from {{ ref("stg_stripe__coupons") }}),

    running as (
        select
            subscriptions.stripe_subscription_id,
            subscriptions.status in ('active', 'past_due') as is_running,
            case
                when
                    subscriptions.discount_ends_at is null
                    or {{ utc_date("subscriptions.discount_ends_at") }} > {{ as_of() }}
                then cast(coalesce(coupons.percent_off, 0) * 100 as bigint)
                else cast(0 as bigint)
            end as discount_basis_points
        from subscriptions
        left join coupons on coupons.stripe_coupon_id = subscriptions.discount_coupon_id
        where not subscriptions.is_deleted
    ),

    priced as (
        select
            items.stripe_subscription_id,
            prices.currency,
            case
                when prices.usage_type <> 'licensed' or prices.usage_type is null
                then cast(0 as bigint)
                when prices.billing_interval = 'year'
                then items.quantity * prices.unit_minor
                when prices.billing_interval = 'month'
                then 12 * items.quantity * prices.unit_minor
            end as gross_arr_minor
        from items
        inner join prices using (stripe_price_id)
        where not items.is_deleted
    ),

    discounted as (
        select
            priced.stripe_subscription_id,
            priced.currency,
            priced.gross_arr_minor,
            {{
                div_half_up(
                    "priced.gross_arr_minor * running.discount_basis_points", "10000"
                )
            }} as discount_arr_minor
        from priced
        inner join running using (stripe_subscription_id)
        where running.is_running
    )

select
    stripe_subscription_id,
    -- Every item of a subscription has the subscription's one currency.
    min(currency) as currency,
    {{ sum_minor("gross_arr_minor - discount_arr_minor") }} as arr_minor,
    {{ sum_minor("discount_arr_minor") }} as discount_arr_minor
from discounted
group by stripe_subscription_id

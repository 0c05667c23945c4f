with

    subscriptions as (select * from {{ ref("subscriptions") }}),

    stripe as (select * from {{ ref("stg_stripe__subscriptions") }}),

    priced as (select * from {{ ref("int_subscriptions__priced") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            'stripe:subscription:' || subscriptions.subscription_id as record_key,
            subscriptions.customer_id,
            {{ customer_name("customers.legal_name", "subscriptions.customer_id") }}
            || ' still gets discount '
            || stripe.discount_coupon_id
            || ' in billing, which its contract has ended' as subject,
            subscriptions.currency,
            'salesforce' as left_system,
            'stripe' as right_system,
            stripe.discount_coupon_id as right_value,
            -- Of a year.
            priced.discount_arr_minor as difference_minor,
            'stripe' as target_system,
            'subscription' as target_object,
            subscriptions.subscription_id as target_record_id,
            'discounts' as target_field,
            '' as proposed_value
        from subscriptions
        inner join stripe using (stripe_subscription_id)
        left join priced using (subscription_id)
        left join customers on customers.customer_id = subscriptions.customer_id
        where
            stripe.discount_coupon_id is not null
            and subscriptions.discount_coupon_id is null
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "left_system",
                "right_system",
                "right_value",
                "difference_minor",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

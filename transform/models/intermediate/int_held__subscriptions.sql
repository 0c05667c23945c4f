-- Subscriptions that are nobody's, or of which a part cannot be told, with the reason.
with

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    priced as (select * from {{ ref("int_subscriptions__priced") }}),

    periods as (
        select subscription_id, meter_id, {{ iso_day("starts_on") }} as starts_on
        from {{ ref("int_usage__periods") }}
        where prices_count > 1
        group by subscription_id, meter_id, starts_on
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    owned as (
        select subscriptions.*, records.customer_id, priced.arr_minor
        from subscriptions
        left join priced using (subscription_id)
        left join
            records
            on records.system = subscriptions.billing_system
            and records.record_id = subscriptions.billing_customer_id
    )

select
    'subscription' as entity,
    billing_system as system,
    subscription_id as record_id,
    customer_id,
    'unknown_customer' as reason_code,
    'Billed to a record that is no customer' as reason,
    arr_minor as amount_minor,
    currency
from owned
where customer_id is null

union all

select
    'subscription_discount' as entity,
    billing_system as system,
    subscription_id as record_id,
    customer_id,
    'discount_without_percent' as reason_code,
    'Has a discount of a fixed amount, of which no share of an item is known' as reason,
    arr_minor as amount_minor,
    currency
from owned
where coupon_id is not null and discount_basis_points is null

union all

select
    'usage_period' as entity,
    owned.billing_system as system,
    owned.subscription_id
    || ':'
    || periods.meter_id
    || ':'
    || periods.starts_on as record_id,
    owned.customer_id,
    'several_prices_of_one_meter' as reason_code,
    'Was billed for one meter at several prices in one period' as reason,
    cast(null as bigint) as amount_minor,
    owned.currency
from periods
inner join owned using (subscription_id)

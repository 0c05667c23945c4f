-- Those that were invoiced as they were invoiced, all others as they are due.
with

    billed as (select * from {{ ref("int_usage__billed") }}),

    due as (select * from {{ ref("int_usage__due_periods") }}),

    subscriptions as (select * from {{ ref("int_subscriptions__stated") }}),

    periods as (
        select
            billed.billing_system,
            subscriptions.billing_customer_id,
            billed.subscription_id,
            billed.price_id,
            billed.meter_id,
            billed.sku,
            billed.currency,
            billed.starts_on,
            billed.ends_before
        from billed
        inner join subscriptions using (billing_system, subscription_id)

        union all

        select
            due.billing_system,
            due.billing_customer_id,
            due.subscription_id,
            due.price_id,
            due.meter_id,
            due.sku,
            due.currency,
            due.starts_on,
            due.ends_before
        from due
        left join
            billed
            on billed.subscription_id = due.subscription_id
            and billed.meter_id = due.meter_id
            and billed.starts_on < due.ends_before
            and billed.ends_before > due.starts_on
        where billed.subscription_id is null
    )

select
    billing_system,
    billing_customer_id,
    subscription_id,
    price_id,
    meter_id,
    sku,
    currency,
    starts_on,
    ends_before,
    count(*) over (partition by subscription_id, meter_id, starts_on) as prices_count
from periods

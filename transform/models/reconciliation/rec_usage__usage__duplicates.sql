with
    summaries as (
        select * from {{ ref("stg_stripe__meter_summaries") }} where not is_deleted
    ),
    usages as (select * from {{ ref("stg_chargebee__usages") }} where not is_deleted),
    customer_records as (select * from {{ ref("customer_records") }}),
    subscriptions as (select * from {{ ref("subscriptions") }}),
    customers as (select * from {{ ref("customers") }}),
    counted as (
        select
            'stripe' as billing_system,
            'stripe:billing.meter_event_summary:'
            || max(summaries.stripe_meter_summary_id) as record_key,
            max(records.customer_id) as customer_id,
            {{ utc_date("summaries.starts_at") }} as used_on,
            max(summaries.quantity) as quantity,
            count(*) as copies
        from summaries
        left join
            customer_records as records
            on records.system = 'stripe'
            and records.record_id = summaries.stripe_customer_id
        group by
            summaries.stripe_meter_id, summaries.stripe_customer_id, summaries.starts_at
        union all
        select
            'chargebee' as billing_system,
            'chargebee:usage:' || max(usages.chargebee_usage_id) as record_key,
            max(subscriptions.customer_id) as customer_id,
            {{ utc_date("usages.used_at") }} as used_on,
            max(usages.quantity) as quantity,
            count(*) as copies
        from usages
        left join
            subscriptions
            on subscriptions.chargebee_subscription_id
            = usages.chargebee_subscription_id
        group by
            usages.chargebee_subscription_id,
            usages.chargebee_item_price_id,
            usages.used_at
    ),
    found as (

        select
            counted.record_key,
            counted.customer_id,
            {{ customer_name("customers.legal_name", "counted.customer_id") }}
            || ' has usage of '
            || {{ iso_day("counted.used_on") }}
            || ' twice' as subject,
            counted.billing_system as left_system,
            cast(counted.quantity as {{ dbt.type_string() }}) as left_value,
            counted.billing_system as right_system,
            cast(counted.copies as {{ dbt.type_string() }}) as right_value
        from counted
        left join customers on customers.customer_id = counted.customer_id
        where counted.copies > 1

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}

with
    summaries as (
        select * from {{ ref("stg_stripe__meter_summaries") }} where not is_deleted
    ),
    customer_records as (select * from {{ ref("customer_records") }}),
    customers as (select * from {{ ref("customers") }}),
    judged as (
        select
            summaries.stripe_meter_summary_id,
            records.customer_id,
            summaries.quantity,
            {{ utc_date("summaries.starts_at") }} as used_on,
            count(*) over (
                partition by summaries.stripe_customer_id, summaries.stripe_meter_id
            )
            - 1 as others_count,
            sum(summaries.quantity) over (
                partition by summaries.stripe_customer_id, summaries.stripe_meter_id
            )
            - summaries.quantity as others_quantity
        from summaries
        left join
            customer_records as records
            on records.system = 'stripe'
            and records.record_id = summaries.stripe_customer_id
    ),
    found as (

        select
            'stripe:billing.meter_event_summary:'
            || judged.stripe_meter_summary_id as record_key,
            judged.customer_id,
            {{ customer_name("customers.legal_name", "judged.customer_id") }}
            || ' has usage that is '
            || case
                when judged.quantity < 0
                then 'negative'
                when judged.used_on > {{ as_of() }}
                then 'in the future'
                else 'a hundred times the usual'
            end as subject,
            'stripe' as left_system,
            cast(judged.quantity as {{ dbt.type_string() }}) as left_value,
            'stripe' as right_system,
            {{ iso_day("judged.used_on") }} as right_value
        from judged
        left join customers on customers.customer_id = judged.customer_id
        where
            judged.quantity < 0
            or judged.used_on > {{ as_of() }}
            or (
                judged.others_count >= 3
                and judged.quantity * judged.others_count > 100 * judged.others_quantity
            )

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

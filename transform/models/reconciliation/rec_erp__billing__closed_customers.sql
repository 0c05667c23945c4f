with
    customers as (select * from {{ ref("customers") }}),
    customer_records as (select * from {{ ref("customer_records") }}),
    subscriptions as (
        select *
        from {{ ref("subscriptions") }}
        where status in ('active', 'past_due', 'trialing')
    ),
    netsuite as (
        select *
        from {{ ref("stg_netsuite__customers") }}
        where not is_deleted and is_inactive
    ),
    stripe as (select * from {{ ref("stg_stripe__customers") }}),
    central as (
        select *
        from {{ ref("stg_business_central__customers") }}
        where not is_deleted and blocked is not null
    ),
    closed as (
        select
            'netsuite' as system,
            netsuite.netsuite_customer_id as record_id,
            records.customer_id,
            'inactive' as state
        from netsuite
        inner join
            customer_records as records
            on records.system = 'stripe'
            and records.record_id = netsuite.stripe_customer_id
        union all
        select
            'business_central' as system,
            central.business_central_customer_id as record_id,
            records.customer_id,
            central.blocked as state
        from central
        inner join
            customer_records as records
            on records.system = 'business_central'
            and records.record_id = central.business_central_customer_id
    ),
    running as (
        select customer_id, min(billing_system) as billing_system
        from subscriptions
        group by customer_id
    ),
    found as (

        select
            closed.system || ':customer:' || closed.record_id as record_key,
            closed.customer_id,
            {{ customer_name("customers.legal_name", "closed.customer_id") }}
            || ' is closed in '
            || closed.system
            || ' and still billed' as subject,
            closed.system as left_system,
            closed.state as left_value,
            running.billing_system as right_system,
            'active' as right_value,
            closed.system as target_system,
            'customer' as target_object,
            closed.record_id as target_record_id
        from closed
        inner join running using (customer_id)
        left join customers on customers.customer_id = closed.customer_id

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
            ]
        )
    }}

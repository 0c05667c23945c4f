with
    contracts as (
        select *
        from {{ ref("contract_versions") }}
        where is_current and is_auto_renewed and term_ends_before > {{ as_of() }}
    ),
    subscriptions as (
        select *
        from {{ ref("stg_stripe__subscriptions") }}
        where
            not is_deleted
            and status in ('active', 'past_due')
            and is_canceled_at_period_end
    ),
    customers as (select * from {{ ref("customers") }}),
    renewing as (
        select contract_id, max(customer_id) as customer_id
        from contracts
        group by contract_id
    ),
    found as (

        select
            'stripe:subscription:'
            || subscriptions.stripe_subscription_id as record_key,
            'contract:' || renewing.contract_id as grain_key,
            renewing.customer_id,
            'The contract of '
            || {{ customer_name("customers.legal_name", "renewing.customer_id") }}
            || ' renews itself and its subscription will lapse' as subject,
            'salesforce' as left_system,
            'renews' as left_value,
            'stripe' as right_system,
            'lapses' as right_value,
            'stripe' as target_system,
            'subscription' as target_object,
            subscriptions.stripe_subscription_id as target_record_id,
            'cancel_at_period_end' as target_field,
            'false' as proposed_value
        from subscriptions
        inner join
            renewing on renewing.contract_id = subscriptions.salesforce_contract_id
        left join customers on customers.customer_id = renewing.customer_id

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

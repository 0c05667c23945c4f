with

    terminated as (select * from {{ ref("int_contracts__terminated") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            'salesforce:contract:' || terminated.salesforce_contract_id as record_key,
            'contract:' || terminated.salesforce_contract_id as grain_key,
            terminated.customer_id,
            {{ customer_name("customers.legal_name", "terminated.customer_id") }}
            || ' ended contract '
            || terminated.contract_number
            || ' and nobody wrote down why' as subject,
            'salesforce' as left_system,
            'terminated' as left_value,
            'salesforce' as right_system,
            terminated.cancel_reason as right_value
        from terminated
        left join customers on customers.customer_id = terminated.customer_id
        where terminated.cancel_reason is null
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
            ]
        )
    }}

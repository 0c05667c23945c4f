with

    accounts as (
        select *
        from {{ ref("int_customers__linked") }}
        where system = 'salesforce' and is_primary and normalised_name is not null
    ),

    -- Each account beside the oldest one of the same name.
    named as (
        select
            *,
            first_value(record_id) over (
                partition by normalised_name
                order by created_at nulls last, {{ by_bytes("record_id") }}
            ) as oldest_record_id
        from accounts
    ),

    found as (
        select
            record_key,
            customer_id,
            legal_name
            || ' has the name of account '
            || oldest_record_id
            || ' and nothing else in common with it' as subject,
            'salesforce' as left_system,
            record_id as left_value,
            'salesforce' as right_system,
            oldest_record_id as right_value
        from named
        where record_id <> oldest_record_id
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

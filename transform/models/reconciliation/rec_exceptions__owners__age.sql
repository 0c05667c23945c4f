-- Whoever repaired it so often has not found the cause.
{% set reopened_at_most = 2 %}

with

    exceptions as (
        -- An exception about late exceptions is late with them.
        select *
        from {{ ref("stg_operations__exceptions") }}
        where closed_at is null and state <> 'accepted' and kind <> 'P09'
    ),

    moments as (select * from {{ ref("int_operations__moments") }}),

    late as (
        select
            exceptions.*,
            coalesce(exceptions.due_at < moments.known_at, false) as is_overdue,
            coalesce(exceptions.reopened > {{ reopened_at_most }}, false) as is_back
        from exceptions
        cross join moments
    ),

    found as (
        select
            coalesce(record_key, fingerprint) as record_key,
            fingerprint as part,
            customer_id,
            case
                when is_back
                then
                    kind
                    || ' came back '
                    || cast(reopened as {{ dbt.type_string() }})
                    || ' times at '
                else kind || ' is open for longer than its owner has at '
            end
            || coalesce(record_key, fingerprint) as subject,
            currency,
            'operations' as left_system,
            cast(due_at as {{ dbt.type_string() }}) as left_value,
            'operations' as right_system,
            state as right_value,
            owner
        from late
        where is_overdue or is_back
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "currency",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "owner",
            ]
        )
    }}

-- What was sent is read back at once; an hour is for a system that is away.
{% set patience_seconds = 3600 %}

with

    plans as (select * from {{ ref("stg_operations__plans") }}),

    changes as (select * from {{ ref("stg_operations__changes") }}),

    moments as (select * from {{ ref("int_operations__moments") }}),

    -- The next plan takes the place of what diverged: what it found stands there.
    written as (
        select changes.*
        from changes
        inner join plans on plans.plan_id = changes.plan_id
    ),

    found as (
        select
            written.system
            || ':'
            || lower(written.object_name)
            || ':'
            || written.target as record_key,
            written.change_id as part,
            written.customer_id,
            'What was written to '
            || written.object_name
            || ' '
            || written.target
            || ' of '
            || written.system
            || case
                when written.state = 'diverged'
                then ' is not what it holds'
                else ' was not read back'
            end as subject,
            written.currency,
            'ledger' as left_system,
            written.state as left_value,
            written.system as right_system,
            coalesce(written.why, 'not read back') as right_value,
            written.system as target_system,
            written.object_name as target_object,
            written.record_id as target_record_id
        from written
        cross join moments
        where
            written.state = 'diverged'
            or (
                written.state in ('sending', 'unknown', 'acknowledged')
                and {{ seconds_between("written.changed_at", "moments.known_at") }}
                > {{ patience_seconds }}
            )
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
                "target_system",
                "target_object",
                "target_record_id",
            ]
        )
    }}

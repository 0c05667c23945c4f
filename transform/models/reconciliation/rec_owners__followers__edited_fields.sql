with

    plans as (select * from {{ ref("stg_operations__plans") }}),

    newest as (select max(recorded_at) as recorded_at from plans),

    -- There was another value than the one that we had confirmed there, and the last
    -- plan left it to a person.
    edits as (
        select *
        from {{ ref("stg_operations__exceptions") }}
        where
            source = 'plan'
            and kind in ('user_edit', 'conflict')
            and closed_at is null
            and state <> 'accepted'
    ),

    found as (
        select
            edits.record_key,
            edits.target_field as part,
            edits.customer_id,
            edits.target_field
            || ' of '
            || edits.target_object
            || ' '
            || edits.target_record_id
            || ' was changed in '
            || edits.target_system
            || ', which does not own it' as subject,
            'canonical' as left_system,
            edits.our_value as left_value,
            edits.target_system as right_system,
            edits.their_value as right_value,
            edits.target_system,
            edits.target_object,
            edits.target_record_id,
            edits.target_field,
            edits.our_value as proposed_value
        from edits
        cross join newest
        where edits.opened_at <= newest.recorded_at
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

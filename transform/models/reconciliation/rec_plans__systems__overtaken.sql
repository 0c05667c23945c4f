with

    plans as (select * from {{ ref("stg_operations__plans") }}),

    changes as (select * from {{ ref("stg_operations__changes") }}),

    change_fields as (select * from {{ ref("stg_operations__change_fields") }}),

    newest as (select max(made_at) as made_at from plans),

    written as (
        select
            changes.change_id,
            changes.system,
            changes.object_name,
            changes.target,
            changes.customer_id,
            changes.state,
            changes.first_sent_at,
            change_fields.field,
            change_fields.our_value,
            plans.made_at
        from changes
        inner join plans on plans.plan_id = changes.plan_id
        inner join change_fields on change_fields.change_id = changes.change_id
    ),

    -- The record was another when its change was to be sent, and no plan looked since.
    moved as (
        select changes.change_id, changes.why as right_value
        from changes
        cross join newest
        where changes.state = 'conflict' and changes.changed_at > newest.made_at
    ),

    -- A plan wanted another value already when this one left, and that has not arrived
    -- after it.
    stale as (
        select older.change_id, min(newer.our_value) as right_value
        from written as older
        inner join
            written as newer
            on newer.system = older.system
            and newer.object_name = older.object_name
            and newer.target = older.target
            and newer.field = older.field
            and newer.made_at > older.made_at
            and newer.made_at < older.first_sent_at
        where
            newer.our_value is distinct from older.our_value
            and not (
                newer.state in ('acknowledged', 'confirmed', 'settled')
                and newer.first_sent_at > older.first_sent_at
            )
        group by older.change_id
    ),

    overtaken as (
        select change_id, right_value
        from moved
        union all
        select change_id, right_value
        from stale
    ),

    found as (
        select
            changes.system
            || ':'
            || lower(changes.object_name)
            || ':'
            || changes.target as record_key,
            changes.change_id as part,
            changes.customer_id,
            'What a change of '
            || changes.object_name
            || ' '
            || changes.target
            || ' of '
            || changes.system
            || ' stood on had changed before it was sent' as subject,
            'ledger' as left_system,
            changes.state as left_value,
            changes.system as right_system,
            min(overtaken.right_value) as right_value
        from overtaken
        inner join changes on changes.change_id = overtaken.change_id
        group by
            changes.system,
            changes.object_name,
            changes.target,
            changes.change_id,
            changes.customer_id,
            changes.state
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
            ]
        )
    }}

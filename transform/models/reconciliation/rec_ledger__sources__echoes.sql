-- The guard holds a change as a swing after as many.
{% set swings = 3 %}

with

    plans as (select * from {{ ref("stg_operations__plans") }}),

    changes as (
        select changes.*
        from {{ ref("stg_operations__changes") }} as changes
        inner join plans on plans.plan_id = changes.plan_id
    ),

    change_fields as (select * from {{ ref("stg_operations__change_fields") }}),

    fields as (
        select
            changes.change_id,
            changes.system || ':' || lower(changes.object_name) as held_in,
            changes.record_id,
            changes.state,
            changes.created_at,
            changes.first_sent_at,
            change_fields.canonical_field,
            change_fields.our_value,
            lower(change_fields.source_record) as source_record
        from changes
        inner join change_fields on change_fields.change_id = changes.change_id
    ),

    -- A value that we wrote is a source's, and goes on from there.
    returned as (
        select later.change_id, min(earlier.change_id) as other_id
        from fields as later
        inner join
            fields as earlier
            on later.source_record = lower(earlier.held_in || ':' || earlier.record_id)
            and later.canonical_field = earlier.canonical_field
            and later.our_value = earlier.our_value
            and earlier.first_sent_at < later.created_at
        where later.state not in ('confirmed', 'settled', 'superseded', 'declined')
        group by later.change_id
    ),

    sent as (
        select
            changes.*,
            count(*) over (partition by content_hash) as times_sent,
            row_number() over (
                partition by content_hash order by first_sent_at desc, change_id
            ) as recency
        from changes
        where first_sent_at is not null
    ),

    -- The record came to hold the old value again each time.
    swinging as (
        select sent.change_id, cast(null as varchar) as other_id
        from sent
        where
            sent.recency = 1
            and sent.times_sent >= {{ swings }}
            and sent.state not in ('superseded', 'declined')
    ),

    echoed as (
        select change_id, other_id
        from returned
        union all
        select change_id, other_id
        from swinging
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
            case
                when min(echoed.other_id) is null
                then 'The same was written again and again to '
                else 'What we wrote ourselves is to be written to '
            end
            || changes.object_name
            || ' '
            || changes.target
            || ' of '
            || changes.system as subject,
            'ledger' as left_system,
            changes.change_id as left_value,
            'ledger' as right_system,
            coalesce(min(echoed.other_id), changes.content_hash) as right_value
        from echoed
        inner join changes on changes.change_id = echoed.change_id
        group by
            changes.system,
            changes.object_name,
            changes.target,
            changes.change_id,
            changes.content_hash,
            changes.customer_id
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

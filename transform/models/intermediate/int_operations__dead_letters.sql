{% set dead = "('rejected', 'diverged')" %}

with

    changes as (select * from {{ ref("stg_operations__changes") }}),

    audit as (select * from {{ ref("stg_operations__audit") }}),

    -- What people say of a change moves it nowhere.
    moves as (
        select
            audit.subject as change_id,
            audit.seq,
            audit.action,
            audit.recorded_at,
            lead(audit.recorded_at) over (
                partition by audit.subject order by audit.seq
            ) as left_at
        from audit
        inner join changes on changes.change_id = audit.subject
        where audit.action <> 'comment'
    )

select
    moves.change_id || ':' || cast(moves.seq as {{ dbt.type_string() }}) as letter_id,
    moves.change_id,
    changes.system || '.' || changes.object_name as object_name,
    changes.currency,
    moves.action as reason,
    moves.recorded_at as dead_at,
    moves.left_at
from moves
inner join changes on changes.change_id = moves.change_id
where moves.action in {{ dead }}

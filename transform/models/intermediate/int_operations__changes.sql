with

    changes as (select * from {{ ref("stg_operations__changes") }}),

    change_fields as (select * from {{ ref("stg_operations__change_fields") }}),

    audit as (select * from {{ ref("stg_operations__audit") }}),

    decisions as (select * from {{ ref("stg_operations__decisions") }}),

    reached as (
        select
            subject as change_id,
            min(case when action = 'waiting' then recorded_at end) as waiting_at,
            min(case when action = 'held' then recorded_at end) as held_at,
            min(case when action = 'ready' then recorded_at end) as ready_at,
            min(
                case
                    when action in ('unknown', 'rejected', 'diverged', 'conflict')
                    then recorded_at
                end
            ) as failed_at,
            min(
                case when action in ('acknowledged', 'confirmed') then recorded_at end
            ) as accepted_at,
            min(
                case when action in ('confirmed', 'settled') then recorded_at end
            ) as verified_at,
            -- Whom a later plan or a person no longer wants: it will never arrive.
            max(
                case
                    when action in ('superseded', 'reject', 'undone') then recorded_at
                end
            ) as withdrawn_at
        from audit
        group by subject
    ),

    recovered as (
        select audit.subject as change_id, min(audit.recorded_at) as recovered_at
        from audit
        inner join reached on reached.change_id = audit.subject
        where
            audit.action in ('confirmed', 'settled')
            and audit.recorded_at >= reached.failed_at
        group by audit.subject
    ),

    decided as (
        select
            subject as change_id,
            min(decided_at) as decided_at,
            min(case when decision = 'approve' then decided_at end) as approved_at
        from decisions
        where decision in ('approve', 'reject')
        group by subject
    ),

    -- The newest load that brought a value of it.
    brought as (
        select change_id, max({{ loaded_at("load_id") }}) as brought_at
        from change_fields
        group by change_id
    )

select
    changes.change_id,
    changes.system || '.' || changes.object_name as object_name,
    changes.system,
    changes.target,
    changes.action,
    changes.external_key,
    changes.currency,
    changes.state,
    changes.attempts,
    changes.created_at as planned_at,
    coalesce(brought.brought_at, changes.created_at) as brought_at,
    reached.waiting_at,
    reached.held_at,
    coalesce(reached.ready_at, decided.approved_at) as ready_at,
    decided.decided_at,
    changes.first_sent_at,
    reached.accepted_at,
    reached.verified_at,
    reached.failed_at,
    recovered.recovered_at,
    reached.withdrawn_at
from changes
left join reached on reached.change_id = changes.change_id
left join recovered on recovered.change_id = changes.change_id
left join decided on decided.change_id = changes.change_id
left join brought on brought.change_id = changes.change_id

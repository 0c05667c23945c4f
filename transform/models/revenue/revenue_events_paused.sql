with

    pauses as (
        select event_id, contract_id, paused_on
        from {{ ref("revenue_pauses") }}
        group by event_id, contract_id, paused_on
    ),

    policies as (select * from {{ ref("pause_policies") }}),

    in_force as (
        select pauses.event_id, max(policies.valid_from) as valid_from
        from pauses
        inner join policies on policies.valid_from <= pauses.paused_on
        group by pauses.event_id
    )

select
    pauses.event_id,
    pauses.contract_id,
    'pause' as kind,
    pauses.paused_on as event_on,
    pauses.paused_on as recorded_on,
    policies.treatment,
    policies.decided_by
from pauses
left join in_force using (event_id)
left join policies on policies.valid_from = in_force.valid_from

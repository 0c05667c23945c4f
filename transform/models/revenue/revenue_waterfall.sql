with

    schedules as (select * from {{ ref("revenue_schedules") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    -- The version in force at the end of one month, and what it plans for later ones.
    known as (
        select obligation_key, version_no, month as known_month
        from schedules
        where is_in_force
    ),

    planned as (
        select
            schedules.contract_id,
            known.known_month,
            schedules.month,
            {{ sum_minor("schedules.planned_minor") }} as planned_minor
        from known
        inner join
            schedules
            on schedules.obligation_key = known.obligation_key
            and schedules.version_no = known.version_no
            and schedules.month > known.known_month
        left join held_contracts on held_contracts.contract_id = schedules.contract_id
        where schedules.planned_minor <> 0 and held_contracts.contract_id is null
        group by schedules.contract_id, known.known_month, schedules.month
    ),

    described as (
        select contract_id, entity, currency
        from obligations
        group by contract_id, entity, currency
    )

select
    planned.contract_id,
    described.entity,
    described.currency,
    planned.known_month,
    planned.month,
    planned.planned_minor
from planned
inner join described using (contract_id)

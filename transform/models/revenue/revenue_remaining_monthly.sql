with

    recognized as (select * from {{ ref("revenue_recognized_monthly") }}),

    waterfall as (select * from {{ ref("revenue_waterfall") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    totals as (
        select
            recognized.contract_id,
            recognized.month,
            {{ sum_minor("recognized.remaining_minor") }} as remaining_minor
        from recognized
        left join held_contracts using (contract_id)
        where held_contracts.contract_id is null
        group by recognized.contract_id, recognized.month
    ),

    scheduled as (
        select
            contract_id,
            known_month,
            {{ sum_minor("planned_minor") }} as scheduled_minor,
            {{
                sum_minor(
                    "case when month <= "
                    ~ add_months("known_month", 12)
                    ~ " then planned_minor else 0 end"
                )
            }} as within_12_months_minor
        from waterfall
        group by contract_id, known_month
    )

select
    totals.contract_id,
    contracts.entity,
    contracts.customer_id,
    contracts.currency,
    totals.month,
    totals.remaining_minor,
    coalesce(scheduled.within_12_months_minor, 0) as within_12_months_minor,
    totals.remaining_minor - coalesce(scheduled.scheduled_minor, 0) as unscheduled_minor
from totals
inner join contracts using (contract_id)
left join
    scheduled
    on scheduled.contract_id = totals.contract_id
    and scheduled.known_month = totals.month

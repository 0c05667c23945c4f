with

    planned as (select * from {{ ref("revenue_waterfall") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    currencies as (select * from {{ ref("currencies") }}),

    totals as (
        select
            planned.known_month,
            planned.entity as legal_entity_code,
            planned.currency,
            planned.month,
            {{ sum_minor("planned.planned_minor") }} as planned_minor
        from planned
        inner join months on months.month = planned.known_month
        group by planned.known_month, planned.entity, planned.currency, planned.month
    )

select
    totals.known_month,
    totals.legal_entity_code,
    totals.currency,
    totals.month,
    totals.planned_minor,
    {{ to_usd_minor("totals.planned_minor", "currencies.usd_micros_per_minor") }}
    as planned_usd_minor
from totals
inner join currencies using (currency)

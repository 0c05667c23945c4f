with

    schedules as (select * from {{ ref("revenue_schedules") }} where is_in_force),

    compared as (
        select
            *,
            recognized_to_date_minor
            - lag(recognized_to_date_minor, 1, cast(0 as bigint)) over (
                partition by obligation_key order by month
            ) as recognized_minor
        from schedules
    )

select
    contract_id,
    accounting_contract_id,
    obligation_key,
    month,
    closes_before,
    version_no,
    recognized_minor,
    recognized_to_date_minor,
    remaining_minor
from compared

with recursive

    months as (select * from {{ ref("int_calendar__months") }}),

    bounds as (
        select min(month) as first_on, max(next_month) as ends_before from months
    ),

    days as (
        select first_on as day
        from bounds
        union all
        select {{ add_days("days.day", 1) }} as day
        from days
        inner join bounds on bounds.ends_before > {{ add_days("days.day", 1) }}
    )

select day
from days

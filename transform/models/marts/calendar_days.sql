-- Days are counted within each month and not from each other: an engine that runs a
-- recursion as one query a level would run one for every day.
with

    months as (select * from {{ ref("int_calendar__months") }}),

    numbers as (
        {% for number in range(31) -%}
            select {{ number }} as number {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    days as (
        select
            {{ add_days("months.month", "numbers.number") }} as day, months.next_month
        from months
        cross join numbers
    )

select day
from days
where day < next_month

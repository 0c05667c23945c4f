-- depends_on: {{ ref("currencies") }}
-- Left to itself Spark puts null first, PostgreSQL first when descending, DuckDB last.
with
    given as (
        select 1 as value
        union all
        select cast(null as integer) as value
    ),

    ranked as (
        select
            value,
            row_number() over (order by value nulls last) as ascending,
            row_number() over (order by value desc nulls last) as descending
        from given
    )

select *
from ranked
where value is not null and (ascending <> 1 or descending <> 1)

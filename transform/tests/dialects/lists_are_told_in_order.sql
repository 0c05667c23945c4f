-- depends_on: {{ ref("currencies") }}
-- dbt-spark gathers a list in the order in which rows come, and array_agg drops nulls.
with
    given as (
        select 2 as place, 'b' as word
        union all
        select 1 as place, 'a' as word
        union all
        select 3 as place, 'c' as word
    ),

    answers as (
        select {{ dbt.listagg("word", "','", "order by place") }} as told from given
    )

select *
from answers
where told <> 'a,b,c'

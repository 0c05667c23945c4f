-- depends_on: {{ ref("currencies") }}
-- concat('a', null) is 'a' on DuckDB and PostgreSQL and null on Spark: models say ||. A
-- backslash begins an escape on Spark alone: patterns say [.] instead.
with
    answers as (
        select 'a' || cast(null as varchar) as joined, 'it''s' || '[.]' as quoted
    )

select *
from answers
where joined is not null or length(quoted) <> 7

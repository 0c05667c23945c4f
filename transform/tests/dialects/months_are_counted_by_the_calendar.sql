-- depends_on: {{ ref("currencies") }}
-- dbt-spark counts months of 31 days, and an older Spark kept the last day of a month.
with
    given as (
        select
            cast('2026-01-31' as date) as january,
            cast('2026-02-28' as date) as february,
            cast('2026-03-01' as date) as march
    ),

    answers as (
        select
            {{ months_apart("january", "march") }} as apart,
            {{ months_apart("march", "january") }} as back,
            {{ whole_months("january", "march") }} as whole,
            {{ add_months("january", 1) }} as clipped,
            {{ add_months("february", 1) }} as kept,
            {{ days_between("january", "march") }} as days
        from given
    )

select *
from answers
where
    apart <> 2
    or back <> -2
    or whole <> 1
    or clipped <> cast('2026-02-28' as date)
    or kept <> cast('2026-03-28' as date)
    or days <> 29

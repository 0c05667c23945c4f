-- depends_on: {{ ref("currencies") }}
-- 7 / 2 is 3 on PostgreSQL and 3.5 elsewhere, and decimals divide into a double on
-- DuckDB: models divide with these macros.
{%- set large = "cast(999999999999999 as bigint)" %}
with
    answers as (
        select
            {{ int_div("7", "2") }} as floored,
            {{ div_half_up("5", "2") }} as rounded,
            {{ div_half_up("-5", "2") }} as rounded_below_zero,
            {{ share_minor(large, large, large) }} as shared
    )

select *
from answers
where
    floored <> 3
    or rounded <> 3
    or rounded_below_zero <> -3
    or shared <> 999999999999999

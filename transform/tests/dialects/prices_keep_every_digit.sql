-- depends_on: {{ ref("currencies") }}
-- Spark cuts a product of decimals to six places unless its session is told not to, and
-- writes 0E-12 where others write all zeros.
with
    answers as (
        select
            {{ exact_price("'0.000000000001'") }}
            * {{ exact_quantity("'0.000000001'") }} as least,
            cast({{ exact_price("'0'") }} as {{ dbt.type_string() }}) as zero,
            {{ priced_minor(exact_price("'2.5'")) }} as rounded,
            {{ priced_minor(exact_price("'-2.5'")) }} as rounded_below_zero
    )

select *
from answers
where least <= 0 or zero <> '0.000000000000' or rounded <> 3 or rounded_below_zero <> -3

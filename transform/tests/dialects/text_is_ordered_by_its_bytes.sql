-- depends_on: {{ ref("currencies") }}
-- A server's language sorts 'a' before 'Z', the bytes do not.
with
    given as (
        select 'a' as word
        union all
        select 'Z' as word
    ),

    ranked as (
        select
            word,
            row_number() over (order by {{ by_bytes("word") }}) as place,
            row_number() over (order by {{ binary_order("word") }}) as same_place
        from given
    )

select *
from ranked
where word = 'Z' and (place <> 1 or same_place <> 1)

-- depends_on: {{ ref("currencies") }}
-- The elements of a list come with their place in it, and no list has none.
with
    given as (
        select '{"lines": [{"id": "b"}, {"id": "a"}]}' as record
        union all
        select '{"lines": null}' as record
        union all
        select '{}' as record
    ),

    answers as (
        select
            count(*) as lines,
            max(
                case
                    when elements.number = 2
                    then {{ json_text("elements.element", ["id"]) }}
                end
            ) as second
        from given
        cross join {{ json_elements("given.record", ["lines"]) }} as elements
    )

select *
from answers
where lines <> 2 or second is null or second <> 'a'

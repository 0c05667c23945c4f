{#
    What a record says that no column of its stream says. A path is a list of names; null
    where one of them is absent or null.
#}
{% macro json_text(document, path) -%}
    {{ return(adapter.dispatch("json_text", "concord")(document, path)) }}
{%- endmacro %}

{% macro default__json_text(document, path) -%}
    json_extract_string({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{% macro postgres__json_text(document, path) -%}
    (cast({{ document }} as jsonb) #>> '{ {{- path | join(",") -}} }')
{%- endmacro %}

{% macro spark__json_text(document, path) -%}
    get_json_object({{ document }}, '$.{{ path | join(".") }}')
{%- endmacro %}

{#
    The elements of a list in a record, to be joined with `cross join`: `number` from 1,
    and `element`, which json_text reads. None where there is no list.
#}
{% macro json_elements(document, path) -%}
    {{ return(adapter.dispatch("json_elements", "concord")(document, path)) }}
{%- endmacro %}

{% macro default__json_elements(document, path) -%}
    lateral(
        select cast(key as bigint) + 1 as number, cast(value as varchar) as element
        from
            json_each(
                case
                    when json_type({{ document }}, '$.{{ path | join(".") }}') = 'ARRAY'
                    then {{ document }}
                end,
                '$.{{ path | join(".") }}'
            )
        where type is not null
    )
{%- endmacro %}

{% macro postgres__json_elements(document, path) -%}
    {%- set list -%}
        cast({{ document }} as jsonb) #> '{ {{- path | join(",") -}} }'
    {%- endset -%}
    lateral(
        select number, cast(element as text) as element
        from
            jsonb_array_elements(
                case when jsonb_typeof({{ list }}) = 'array' then {{ list }} end
            )
        with ordinality as elements(element, number)
    )
{%- endmacro %}

{% macro spark__json_elements(document, path) -%}
    lateral(
        select cast(position + 1 as bigint) as number, element
        from
            (
                select
                    posexplode(
                        from_json(
                            get_json_object({{ document }}, '$.{{ path | join(".") }}'),
                            'array<string>'
                        )
                    ) as (position, element)
            )
    )
{%- endmacro %}

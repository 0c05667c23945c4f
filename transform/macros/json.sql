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

{# An instant that a vendor writes as seconds since 1970. #}
{% macro json_instant(document, path) -%}
    to_timestamp(cast({{ json_text(document, path) }} as bigint))
{%- endmacro %}

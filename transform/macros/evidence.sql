{#
    A table of the schema `operations`, the warehouse's copy of the operations store: typed,
    each column under our name for it. No rows where nothing was copied yet, so that what
    stands on it says that there was nothing to look at. Each entry: column, name, type.
#}
{% macro evidence(table, columns) -%}
    {%- set found = existing(source("operations", table)) -%}
    select
        {%- for column, name, type in columns %}
            cast(
                {{ adapter.quote(column) if found else "null" }} as {{ type }}
            ) as {{ name }} {{- "," if not loop.last }}
        {%- endfor %}
        {{ "from " ~ found if found else "where false" }}
{%- endmacro %}

{#
    How a table or a view is made. dbt builds under another name and renames twice, for
    warehouses whose DDL is not part of a transaction, and asks the catalog for indexes
    and foreign keys first; DuckDB and PostgreSQL replace a relation inside of one. Nobody
    sees it missing, and a model that fails leaves what was there.
#}
{% materialization table, adapter = "duckdb" -%}
    {{ return(replaced("table", sql)) }}
{%- endmaterialization %}

{% materialization view, adapter = "duckdb" -%}
    {{ return(replaced("view", sql)) }}
{%- endmaterialization %}

{% materialization table, adapter = "postgres" -%}
    {{ return(replaced("table", sql)) }}
{%- endmaterialization %}

{% materialization view, adapter = "postgres" -%}
    {{ return(replaced("view", sql)) }}
{%- endmaterialization %}

{% macro replaced(type, sql) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        {%- if existing is not none -%}
            {#- On PostgreSQL with the views on it, which are built next. #}
            drop {{ existing.type }} {{ existing }}
            {%- if adapter.type() == "postgres" %} cascade {%- endif %}
            ;
        {%- endif %}
        {{
            (
                create_table_as(false, target, sql)
                if type == "table"
                else create_view_as(target, sql)
            )
        }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{%- endmacro %}

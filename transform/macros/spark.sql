{#
    What Spark says otherwise. Three types have other names there, and a rank is an int
    where the others count in bigint; this is changed where SQL leaves dbt, once, and not
    in each of the models. Everything that differs in what it answers is a macro of its
    own, beside that of the other adapters.
#}
{% macro in_spark(sql) -%}
    {%- set said = namespace(sql=sql) -%}
    {%- for name, spark_name in spark_types().items() -%}
        {%- set said.sql = modules.re.sub(
            "\\bas\\s+" ~ (name | replace(" ", "\\s+")) ~ "(?=\\s*\\))",
            "as " ~ spark_name,
            said.sql,
        ) -%}
    {%- endfor -%}
    {{
        return(
            modules.re.sub(
                "\\b(row_number|dense_rank|rank)\\(\\)", "1L * \\1()", said.sql
            )
        )
    }}
{%- endmacro %}

{% macro spark_types() -%}
    {{
        return(
            {
                "varchar": "string",
                "timestamp with time zone": "timestamp",
                "double precision": "double",
            }
        )
    }}
{%- endmacro %}

{% macro spark__create_table_as(temporary, relation, compiled_code, language="sql") -%}
    {{
        dbt.spark__create_table_as(
            temporary, relation, in_spark(compiled_code), language
        )
    }}
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    {{ dbt.spark__create_view_as(relation, in_spark(sql)) }}
{%- endmacro %}

{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{
        dbt.default__get_test_sql(
            in_spark(main_sql), fail_calc, warn_if, error_if, limit
        )
    }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ in_spark(dbt.default__get_empty_schema_sql(columns)) }}
{%- endmacro %}

{# dbt-spark gathers a list in whatever order the rows come, and only warns of it. #}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause }})
{%- endmacro %}

{# dbt-spark writes 'None' where a seed is silent, and knows no varchar. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = spark_seed_types(model, agate_table) -%}
    {%- set sql -%}
        insert into {{ this.render() }} values
        {%- for row in agate_table.rows %}
            (
                {%- for value in row -%}
                    cast(
                        {%- if value is none %} null
                        {%- else %} {{ dbt.string_literal(dbt.escape_single_quotes(value | string)) }}
                        {%- endif %} as {{ types[loop.index0] }}
                    )
                    {{- ", " if not loop.last }}
                {%- endfor -%}
            )
            {{- "," if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- if agate_table.rows -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = spark_seed_types(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names -%}
                {{ name }} {{ types[loop.index0] }} {{- ", " if not loop.last }}
            {%- endfor -%}
        )
        {{ file_format_clause() }}
    {%- endset -%}
    {%- call statement("_") -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark_seed_types(model, agate_table) -%}
    {%- set types = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set type = (
            model["config"]
            .get("column_types", {})
            .get(name, adapter.convert_type(agate_table, loop.index0))
        ) -%}
        {%- do types.append(spark_types().get(type, type)) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

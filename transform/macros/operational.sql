{# The levels at which an operational figure is stated, and the column of each member. #}
{% macro operational_levels() -%}
    {{
        return(
            {
                "company": "cast('all' as varchar)",
                "legal_entity": "legal_entity_code",
                "currency": "currency",
                "object": "object_name",
            }
        )
    }}
{%- endmacro %}

{# Each row of a relation once for each level of which it has a member. #}
{% macro at_operational_levels(relation, columns) -%}
    {%- for level, member in operational_levels().items() %}
        select
            metric,
            month,
            '{{ level }}' as level,
            {{ member }} as level_value,
            {{ columns | join(", ") }}
        from {{ relation }}
        {% if level != "company" %}
            where {{ member }} is not null
            {% endif %} {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The natural logarithm of a whole number, for what is a chance and no amount. #}
{% macro natural_log(number) -%}
    {{ return(adapter.dispatch("natural_log", "concord")(number)) }}
{%- endmacro %}

{% macro default__natural_log(number) -%}
    ln(cast({{ number }} as double precision))
{%- endmacro %}

{% macro spark__natural_log(number) -%} ln(cast({{ number }} as double)) {%- endmacro %}

{# The columns of every check, in their order. #}
{% macro break_columns() -%}
    {{
        return(
            {
                "check_id": "varchar",
                "break_key": "varchar",
                "grain_key": "varchar",
                "record_key": "varchar",
                "customer_id": "varchar",
                "subject": "varchar",
                "currency": "varchar",
                "period": "date",
                "left_system": "varchar",
                "left_value": "varchar",
                "right_system": "varchar",
                "right_value": "varchar",
                "difference_minor": "bigint",
                "tolerance_minor": "bigint",
                "explained_by": "varchar",
                "target_system": "varchar",
                "target_object": "varchar",
                "target_record_id": "varchar",
                "target_field": "varchar",
                "proposed_value": "varchar",
                "push_class": "varchar",
                "severity": "varchar",
                "owner": "varchar",
            }
        )
    }}
{%- endmacro %}

{#
    The last select of a check: what the CTE `found` says of each break, typed and in the
    order that all checks share. `columns` names what `found` has besides record_key and
    subject; check_id, tolerance and push class are the check's own properties unless
    `found` says otherwise; `part` tells several breaks of one record apart. `grain_key`
    is what must agree in all systems, such as an invoice: by it a break is known to be
    the consequence of another. Without one it is the customer.
#}
{% macro breaks(columns) -%}
    {%- set given = ["record_key", "subject"] + columns -%}
    {%- set meta = model.config.meta -%}
    {%- set own = {
        "check_id": "'" ~ meta.check_id ~ "'",
        "push_class": "'" ~ meta.push_class ~ "'",
        "tolerance_minor": meta.get("tolerance_minor", 0),
        "severity": "'" ~ meta.severity ~ "'",
        "owner": "'" ~ meta.owner ~ "'",
        "grain_key": (
            "coalesce('customer:' || customer_id, record_key)"
            if "customer_id" in columns
            else "record_key"
        ),
        "break_key": "'"
        ~ meta.check_id
        ~ ":' || record_key"
        ~ (" || ':' || part" if "part" in columns else ""),
    } -%}
    select
        {%- for name, type in break_columns().items() %}
            cast(
                {%- if name in given %}{{ name }}
                {%- else %}{{ own.get(name, "null") }}
                {%- endif %} as {{ type }}
            ) as {{ name }}
            {{- "," if not loop.last }}
        {%- endfor %}
    from found
{%- endmacro %}

{# How a person calls a customer in a sentence. #}
{% macro customer_name(name, key) -%}
    coalesce({{ name }}, 'Customer ' || {{ key }}, 'An unknown customer')
{%- endmacro %}

{# Minor units as text that reads like an amount: 123456 USD -> "1234.56". #}
{% macro amount_text(amount_minor, minor_per_major) -%}
    case
        when {{ minor_per_major }} = 1
        then cast({{ amount_minor }} as {{ dbt.type_string() }})
        else
            case when {{ amount_minor }} < 0 then '-' else '' end || cast(
                {{ int_div("abs(" ~ amount_minor ~ ")", minor_per_major) }}
                as {{ dbt.type_string() }}
            )
            || '.'
            || lpad(
                cast(
                    mod(
                        abs({{ amount_minor }}), {{ minor_per_major }}
                    ) as {{ dbt.type_string() }}
                ),
                2,
                '0'
            )
    end
{%- endmacro %}

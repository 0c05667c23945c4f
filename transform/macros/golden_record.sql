{#
    The golden fields of the model that calls this, read from its own properties: for each
    column with an owner, the owner's value, else the first follower's who has one, and
    beside it the name of the system it came from. A CTE named after each system must be
    in scope. Rule "derived": the value is computed in a CTE called derived, from data of
    the system named as owner.
#}
{% macro golden_record() -%}
    {%- set fields = [] -%}
    {%- if execute -%}
        {%- for column in model.columns.values() -%}
            {%- set meta = column.config.meta or column.meta -%}
            {%- if meta.get("owner") -%}
                {%- do fields.append(golden_field(column.name, meta)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields | join(",\n")) }}
{%- endmacro %}

{% macro golden_field(name, meta) -%}
    {%- if meta.get("rule") == "derived" -%}
        derived.{{ name }},
        case
            when derived.{{ name }} is not null then '{{ meta.owner }}'
        end as {{ name }}_source
    {%- else -%}
        {%- set systems = golden_systems(meta) -%}
        {%- set values = [] -%}
        {%- for system in systems -%} {%- do values.append(system ~ "." ~ name) -%}
        {%- endfor -%}
        coalesce({{ values | join(", ") }}) as {{ name }},
        case
            {%- for system in systems %}
                when {{ system }}.{{ name }} is not null then '{{ system }}'
            {%- endfor %}
        end as {{ name }}_source
    {%- endif -%}
{%- endmacro %}

{# The systems whose values a golden field may be, the first to be believed first. #}
{% macro golden_systems(meta) -%}
    {{ return([meta.owner] + meta.get("then", [])) }}
{%- endmacro %}

{#
    The golden fields of customers, each with its rule and the systems that it may come
    from: "owner" takes the first of them that says something, "derived" computes the
    value from data of the only one.
#}
{% macro customer_fields() -%}
    {%- set fields = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes["model.concord.customers"].columns -%}
        {%- for name, column in columns.items() -%}
            {%- set meta = column.config.meta or column.meta -%}
            {%- if meta.get("owner") -%}
                {%- do fields.append(
                    {
                        "name": name,
                        "rule": meta.get("rule", "owner"),
                        "systems": golden_systems(meta),
                    }
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(fields) }}
{%- endmacro %}

{#
    Who follows the master data of customers: one entry for each system that receives a
    field which int_customers__records also has (derived fields have checks of their own).
#}
{% macro master_data_followers() -%}
    {%- set followers = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes["model.concord.customers"].columns -%}
        {%- for field in ["legal_name", "billing_email"] -%}
            {%- for system, receiver in columns[field].config.meta.push.items() -%}
                {%- set object, name = receiver.split(".", 1) -%}
                {%- do followers.append(
                    {
                        "field": field,
                        "label": field | replace("_", " "),
                        "system": system,
                        "object": object,
                        "name": name,
                    }
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(followers) }}
{%- endmacro %}

{# The segment that a customer counts to, whether anybody says one or not. #}
{% macro segment_of(column) -%} coalesce({{ column }}, 'unassigned') {%- endmacro %}

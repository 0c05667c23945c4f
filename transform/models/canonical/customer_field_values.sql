-- The fields, their rules and who may be believed are the contract's: customers.yml.
{% set systems = customer_systems() %}

with

    records as (select * from {{ ref("customer_records") }}),

    customers as (select * from {{ ref("customers") }}),

    {% for system in systems %}
        {{ system.name }} as (
            select
                *,
                {{ system.key }} as record_id,
                {% if "modified_at" in system.has %} modified_at
                {% else %} cast(null as timestamp with time zone)
                {% endif %} as source_updated_at
            from {{ ref(system.model) }}
        ),

    {% endfor %}
    held as (
        {% for field in customer_fields() %}
            {% set is_last_field = loop.last %}
            {% for system in field.systems %}
                {% set holder = "customers" if field.rule == "derived" else system %}
                select
                    records.customer_id,
                    '{{ field.name }}' as field,
                    records.record_key,
                    records.system,
                    records.record_id,
                    records.is_primary,
                    cast(
                        {{ holder }}.{{ field.name }} as {{ dbt.type_string() }}
                    ) as value,
                    '{{ field.rule }}' as rule,
                    {{ loop.index }} as place,
                    {{ system }}.source_updated_at,
                    {{ system }}.load_id
                from records
                inner join {{ system }} on {{ system }}.record_id = records.record_id
                {% if field.rule == "derived" %}
                    inner join
                        customers
                        on customers.customer_id = records.customer_id
                        and records.is_primary
                {% endif %}
                where
                    records.system = '{{ system }}'
                    and {{ holder }}.{{ field.name }} is not null
                    {{ "union all" if not (loop.last and is_last_field) }}
            {% endfor %}
        {% endfor %}
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by customer_id, field
                order by
                    case when is_primary then 0 else 1 end,
                    place,
                    {{ by_bytes("record_key") }}
            ) as value_rank
        from held
    )

select
    customer_id,
    field,
    record_key,
    system,
    record_id,
    value,
    cast(value_rank as {{ dbt.type_int() }}) as value_rank,
    is_primary and value_rank = 1 as is_winner,
    rule,
    source_updated_at,
    load_id
from ranked

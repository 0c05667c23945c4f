{% set systems = customer_systems() %}
{% set optional = {
    "billing_email": dbt.type_string(),
    "created_at": "timestamp with time zone",
    "duplicate_of": dbt.type_string(),
} %}

with

    records as (
        {% for system in systems %}
            select
                '{{ system.name }}' as system,
                '{{ system.object }}' as object,
                {{ system.key }} as record_id,
                legal_name,
                {% for column, type in optional.items() %}
                    {% if column in system.has %} {{ column }},
                    {% else %} cast(null as {{ type }}) as {{ column }},
                    {% endif %}
                {% endfor %}
                {% if system.used_in %}
                    {{ system.key }} in (
                        select {{ system.key }}
                        from {{ ref(system.used_in) }}
                        where not is_deleted
                    ) as is_referenced
                {% else %} false as is_referenced
                {% endif %}
            from {{ ref(system.model) }}
            where
                not is_deleted {{ "and not is_inactive" if "is_inactive" in system.has }}
                {{ "union all" if not loop.last }}
        {% endfor %}
    )

select
    system || ':' || object || ':' || record_id as record_key,
    system,
    object,
    record_id,
    legal_name,
    billing_email,
    created_at,
    duplicate_of as marked_duplicate_of,
    is_referenced,
    {{ normalised_name("legal_name") }} as normalised_name
from records

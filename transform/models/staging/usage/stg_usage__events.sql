{%- set events = existing(source("raw_usage", "events")) -%}

{% if events %}
    select
        event_id,
        -- A producer without a key of its own repeats all that an event says.
        coalesce(
            {{ filled("dedupe_key") }},
            billing_customer_id
            || ':'
            || cast(event_at as {{ dbt.type_string() }})
            || ':'
            || cast(quantity as {{ dbt.type_string() }})
        ) as dedupe_key,
        billing_system,
        meter_id,
        billing_customer_id,
        quantity,
        event_at,
        ingested_at
    from {{ events }}
{% else %}
    select
        cast(null as {{ dbt.type_string() }}) as event_id,
        cast(null as {{ dbt.type_string() }}) as dedupe_key,
        cast(null as {{ dbt.type_string() }}) as billing_system,
        cast(null as {{ dbt.type_string() }}) as meter_id,
        cast(null as {{ dbt.type_string() }}) as billing_customer_id,
        cast(null as decimal(38, 9)) as quantity,
        cast(null as timestamp with time zone) as event_at,
        cast(null as timestamp with time zone) as ingested_at
    where false
{% endif %}

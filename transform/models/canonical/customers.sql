{% set systems = customer_systems() %}

with

    primaries as (select * from {{ ref("customer_records") }} where is_primary),

    keys as (
        select
            customer_id,
            max(case when is_in_review then 1 else 0 end) = 1 as is_in_review,
            {% for system in systems %}
                max(
                    case when system = '{{ system.name }}' then record_id end
                ) as {{ system.key }}
                {{- "," if not loop.last }}
            {% endfor %}
        from primaries
        group by customer_id
    ),

    {% for system in systems %}
        {{ system.name }} as (select * from {{ ref(system.model) }}),

    {% endfor %}
    standings as (select * from {{ ref("int_customers__standing") }}),

    derived as (
        select
            keys.customer_id,
            case
                when keys.stripe_customer_id is not null
                then
                    case
                        when standings.has_failed_payment then 'past_due' else 'current'
                    end
            end as payment_status,
            case
                when keys.zendesk_organization_id is not null
                then
                    case
                        when standings.has_premium_support
                        then 'premium'
                        when standings.is_active
                        then 'standard'
                        else 'none'
                    end
            end as support_tier,
            coalesce(standings.is_active, false) as is_active
        from keys
        left join standings using (customer_id)
    )

select
    keys.customer_id,
    {{ golden_record() }},
    {% for system in systems %} keys.{{ system.key }}, {% endfor %}
    keys.is_in_review,
    derived.is_active
from keys
inner join derived on derived.customer_id = keys.customer_id
{% for system in systems %}
    left join
        {{ system.name }} on {{ system.name }}.{{ system.key }} = keys.{{ system.key }}
{% endfor %}

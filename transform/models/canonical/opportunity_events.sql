with

    versions as (select * from {{ ref("int_opportunities__versions") }}),

    opportunities as (select * from {{ ref("opportunities") }}),

    numbered as (
        select
            versions.*,
            row_number() over (
                partition by versions.salesforce_opportunity_id
                order by versions.modified_at, versions.recorded_at
            ) as version_number
        from versions
        inner join
            opportunities
            on opportunities.opportunity_id = versions.salesforce_opportunity_id
    ),

    values_by_field as (
        {% for field, value in [
            ("stage", "stage"),
            ("amount", "cast(amount_minor as " ~ dbt.type_string() ~ ")"),
            ("closes_on", iso_day("closes_on")),
            ("owner", "salesforce_user_id"),
        ] %}
            select
                salesforce_opportunity_id,
                version_number,
                '{{ field }}' as field,
                {{ value }} as value,
                case
                    when version_number = 1 then created_at else modified_at
                end as changed_at,
                recorded_at
            from numbered {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    compared as (
        select
            *,
            lag(value) over (
                partition by salesforce_opportunity_id, field order by version_number
            ) as previous_value
        from values_by_field
    )

select
    salesforce_opportunity_id
    || ':'
    || field
    || ':'
    || cast(version_number as {{ dbt.type_string() }}) as opportunity_event_id,
    salesforce_opportunity_id as opportunity_id,
    field,
    previous_value,
    value,
    changed_at,
    recorded_at,
    'salesforce' as system,
    salesforce_opportunity_id as record_id
from compared
where value is distinct from previous_value

with

    leads as (select * from {{ ref("stg_salesforce__leads") }} where not is_deleted),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    hubspot as (select * from {{ ref("stg_hubspot__leads") }} where not is_deleted),

    ranked as (
        select
            hubspot.*,
            leads.salesforce_lead_id is not null as is_known,
            row_number() over (
                partition by leads.salesforce_lead_id
                order by hubspot.created_at, {{ by_bytes("hubspot.hubspot_lead_id") }}
            ) as lead_rank
        from hubspot
        left join leads on leads.salesforce_lead_id = hubspot.salesforce_lead_id
    ),

    paired as (select * from ranked where is_known and lead_rank = 1),

    sales as (
        select
            leads.salesforce_lead_id as lead_id,
            accounts.customer_id,
            leads.first_name,
            leads.last_name,
            leads.email,
            leads.company_name,
            leads.country,
            leads.lead_source,
            lower(leads.status) as status,
            paired.stage as marketing_stage,
            leads.is_converted,
            leads.converted_on,
            leads.converted_contact_id,
            leads.converted_opportunity_id,
            paired.hubspot_lead_id,
            leads.created_at,
            leads.modified_at,
            'salesforce' as system,
            leads.salesforce_lead_id as record_id
        from leads
        left join
            accounts on accounts.salesforce_account_id = leads.converted_account_id
        left join paired on paired.salesforce_lead_id = leads.salesforce_lead_id
    ),

    marketing as (
        -- Whom marketing knows and sales does not, and a second lead in HubSpot for
        -- one of
        -- ours.
        select
            hubspot_lead_id as lead_id,
            cast(null as {{ dbt.type_string() }}) as customer_id,
            cast(null as {{ dbt.type_string() }}) as first_name,
            name as last_name,
            cast(null as {{ dbt.type_string() }}) as email,
            cast(null as {{ dbt.type_string() }}) as company_name,
            cast(null as {{ dbt.type_string() }}) as country,
            cast(null as {{ dbt.type_string() }}) as lead_source,
            cast(null as {{ dbt.type_string() }}) as status,
            stage as marketing_stage,
            false as is_converted,
            cast(null as date) as converted_on,
            cast(null as {{ dbt.type_string() }}) as converted_contact_id,
            cast(null as {{ dbt.type_string() }}) as converted_opportunity_id,
            hubspot_lead_id,
            created_at,
            modified_at,
            'hubspot' as system,
            hubspot_lead_id as record_id
        from ranked
        where not is_known or lead_rank > 1
    )

{% for source in ["sales", "marketing"] %}
    select
        lead_id,
        customer_id,
        first_name,
        last_name,
        email,
        company_name,
        country,
        lead_source,
        status,
        marketing_stage,
        is_converted,
        converted_on,
        converted_contact_id,
        converted_opportunity_id,
        hubspot_lead_id,
        created_at,
        modified_at,
        system,
        record_id
    from {{ source }} {{ "union all" if not loop.last }}
{% endfor %}

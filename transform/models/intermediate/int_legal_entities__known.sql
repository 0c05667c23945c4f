with

    declared as (select * from {{ ref("entity_systems") }}),

    subsidiaries as (
        select * from {{ ref("stg_netsuite__subsidiaries") }} where not is_deleted
    ),

    companies as (
        select * from {{ ref("stg_business_central__companies") }} where not is_deleted
    ),

    held as (
        select
            'netsuite' as erp_system,
            subsidiaries.netsuite_subsidiary_id as erp_entity_id,
            -- An account of one entity alone has no reason to give it our code: then
            -- its country tells which it is.
            coalesce(
                subsidiaries.external_id,
                declared.erp_entity,
                subsidiaries.netsuite_subsidiary_id
            ) as erp_entity,
            subsidiaries.name,
            subsidiaries.country,
            subsidiaries.currency as functional_currency,
            subsidiaries.is_elimination,
            not subsidiaries.is_inactive as is_active
        from subsidiaries
        left join
            declared
            on declared.erp_system = 'netsuite'
            and declared.country
            = case when subsidiaries.external_id is null then subsidiaries.country end

        union all

        select
            'business_central' as erp_system,
            business_central_company_id as erp_entity_id,
            name as erp_entity,
            coalesce(display_name, name) as name,
            cast(null as varchar) as country,
            cast(null as varchar) as functional_currency,
            false as is_elimination,
            true as is_active
        from companies
    )

select
    cast(
        coalesce(declared.legal_entity_code, held.erp_entity) as varchar
    ) as legal_entity_code,
    cast(coalesce(held.name, declared.name) as varchar) as name,
    cast(coalesce(held.country, declared.country) as varchar) as country,
    cast(
        coalesce(held.functional_currency, declared.functional_currency) as varchar
    ) as functional_currency,
    cast(coalesce(held.erp_system, declared.erp_system) as varchar) as erp_system,
    held.erp_entity_id,
    cast(declared.billing_system as varchar) as billing_system,
    coalesce(held.is_elimination, false) as is_elimination,
    coalesce(held.is_active, true) as is_active
from declared
full join
    held
    on held.erp_system = declared.erp_system
    and held.erp_entity = declared.erp_entity

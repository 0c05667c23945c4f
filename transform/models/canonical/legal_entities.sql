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
            netsuite_subsidiary_id as erp_entity_id,
            coalesce(external_id, netsuite_subsidiary_id) as erp_entity,
            name,
            country,
            currency as functional_currency,
            is_elimination,
            not is_inactive as is_active
        from subsidiaries

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
    ),

    joined as (
        select
            coalesce(declared.legal_entity_code, held.erp_entity) as legal_entity_code,
            coalesce(held.name, declared.name) as name,
            coalesce(held.country, declared.country) as country,
            coalesce(
                held.functional_currency, declared.functional_currency
            ) as functional_currency,
            coalesce(declared.erp_system, held.erp_system) as erp_system,
            held.erp_entity_id,
            declared.billing_system,
            coalesce(held.is_elimination, false) as is_elimination,
            coalesce(held.is_active, true) as is_active
        from declared
        full join
            held
            on held.erp_system = declared.erp_system
            and held.erp_entity = declared.erp_entity
    )

select
    cast(legal_entity_code as varchar) as legal_entity_code,
    cast(name as varchar) as name,
    cast(country as varchar) as country,
    cast(functional_currency as varchar) as functional_currency,
    cast(erp_system as varchar) as erp_system,
    cast(erp_entity_id as varchar) as erp_entity_id,
    cast(billing_system as varchar) as billing_system,
    is_elimination,
    is_active
from joined

-- What the books say of customers that billing or the contract says, too.
with

    netsuite as (
        select *
        from {{ ref("stg_netsuite__customers") }}
        where not is_deleted and not is_inactive
    ),

    entities as (select * from {{ ref("int_legal_entities__known") }}),

    central as (
        select *
        from {{ ref("stg_business_central__customers") }}
        where not is_deleted and blocked is null
    ),

    records as (select * from {{ ref("int_customers__linked") }} where is_primary),

    stated as (
        select
            'netsuite' as erp_system,
            netsuite.netsuite_customer_id as erp_customer_id,
            netsuite.currency,
            netsuite.payment_terms,
            netsuite.netsuite_parent_id as erp_parent_id,
            netsuite.is_taxable,
            entities.legal_entity_code
        from netsuite
        left join
            entities
            on entities.erp_system = 'netsuite'
            and entities.erp_entity_id = netsuite.netsuite_subsidiary_id

        union all

        select
            'business_central' as erp_system,
            business_central_customer_id as erp_customer_id,
            currency,
            cast(null as {{ dbt.type_string() }}) as payment_terms,
            cast(null as {{ dbt.type_string() }}) as erp_parent_id,
            is_taxable,
            cast(null as {{ dbt.type_string() }}) as legal_entity_code
        from central
    )

select
    stated.erp_system || ':customer:' || stated.erp_customer_id as record_key,
    records.customer_id,
    stated.*
from stated
inner join
    records
    on records.system = stated.erp_system
    and records.record_id = stated.erp_customer_id

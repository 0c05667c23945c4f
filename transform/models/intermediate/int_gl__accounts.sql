with

    netsuite_accounts as (
        select * from {{ ref("stg_netsuite__accounts") }} where not is_deleted
    ),

    business_central_accounts as (
        select * from {{ ref("stg_business_central__accounts") }} where not is_deleted
    ),

    entities as (select * from {{ ref("int_legal_entities__known") }}),

    roles as (select * from {{ ref("account_roles") }}),

    accounts as (
        select
            'netsuite' as erp_system,
            netsuite_account_id as erp_account_id,
            -- All subsidiaries share one chart of accounts.
            cast(null as varchar) as erp_entity_id,
            number,
            name,
            account_type,
            not is_inactive as is_active
        from netsuite_accounts

        union all

        select
            'business_central' as erp_system,
            business_central_account_id as erp_account_id,
            business_central_company_id as erp_entity_id,
            number,
            name,
            coalesce(sub_category, category) as account_type,
            not is_blocked as is_active
        from business_central_accounts
    )

select
    accounts.erp_system || ':' || accounts.erp_account_id as gl_account_id,
    accounts.erp_system,
    accounts.erp_account_id,
    entities.legal_entity_code,
    accounts.number,
    accounts.name,
    accounts.account_type,
    roles.account_role,
    accounts.is_active
from accounts
left join
    entities
    on entities.erp_system = accounts.erp_system
    and entities.erp_entity_id = accounts.erp_entity_id
left join
    roles
    on roles.erp_system = accounts.erp_system
    and roles.account_number = accounts.number

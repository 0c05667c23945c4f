with

    accounts as (select * from {{ ref("stg_salesforce__accounts") }}),

    contracts as (select * from {{ ref("stg_salesforce__contracts") }}),

    stripe_customers as (select * from {{ ref("stg_stripe__customers") }}),

    subscriptions as (select * from {{ ref("stg_stripe__subscriptions") }}),

    organizations as (select * from {{ ref("stg_zendesk__organizations") }}),

    netsuite_customers as (select * from {{ ref("stg_netsuite__customers") }}),

    netsuite_invoices as (select * from {{ ref("stg_netsuite__invoices") }}),

    parties as (select * from {{ ref("stg_tryton__parties") }}),

    tryton_invoices as (select * from {{ ref("stg_tryton__invoices") }}),

    records as (
        select
            'salesforce' as system,
            'account' as object,
            salesforce_account_id as record_id,
            legal_name,
            billing_email,
            tax_id,
            domain,
            created_at,
            duplicate_of as marked_duplicate_of,
            'salesforce:account:' || duplicate_of as reference_key,
            salesforce_account_id in (
                select salesforce_account_id from contracts where not is_deleted
            ) as is_referenced
        from accounts
        where not is_deleted

        union all

        select
            'stripe' as system,
            'customer' as object,
            stripe_customer_id as record_id,
            legal_name,
            billing_email,
            tax_id,
            domain,
            created_at,
            duplicate_of as marked_duplicate_of,
            'salesforce:account:' || salesforce_account_id as reference_key,
            stripe_customer_id in (
                select stripe_customer_id from subscriptions where not is_deleted
            ) as is_referenced
        from stripe_customers
        where not is_deleted

        union all

        select
            'zendesk' as system,
            'organization' as object,
            zendesk_organization_id as record_id,
            legal_name,
            cast(null as {{ dbt.type_string() }}) as billing_email,
            cast(null as {{ dbt.type_string() }}) as tax_id,
            domain,
            created_at,
            cast(null as {{ dbt.type_string() }}) as marked_duplicate_of,
            'salesforce:account:' || salesforce_account_id as reference_key,
            false as is_referenced
        from organizations
        where not is_deleted

        union all

        select
            'netsuite' as system,
            'customer' as object,
            netsuite_customer_id as record_id,
            legal_name,
            billing_email,
            tax_id,
            domain,
            cast(null as timestamp with time zone) as created_at,
            cast(null as {{ dbt.type_string() }}) as marked_duplicate_of,
            'stripe:customer:' || stripe_customer_id as reference_key,
            netsuite_customer_id in (
                select netsuite_customer_id from netsuite_invoices where not is_deleted
            ) as is_referenced
        from netsuite_customers
        where not is_deleted and not is_inactive

        union all

        select
            'tryton' as system,
            'party' as object,
            tryton_party_id as record_id,
            legal_name,
            billing_email,
            tax_id,
            domain,
            cast(null as timestamp with time zone) as created_at,
            cast(null as {{ dbt.type_string() }}) as marked_duplicate_of,
            'stripe:customer:' || stripe_customer_id as reference_key,
            tryton_party_id in (
                select tryton_party_id from tryton_invoices where not is_deleted
            ) as is_referenced
        from parties
        where not is_deleted
    )

select
    system || ':' || object || ':' || record_id as record_key,
    *,
    {{ normalised_name("legal_name") }} as normalised_name,
    {{ normalised_tax_id("tax_id") }} as normalised_tax_id
from records

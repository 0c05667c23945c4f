with

    primaries as (select * from {{ ref("customer_records") }} where is_primary),

    keys as (
        select
            customer_id,
            max(
                case when system = 'salesforce' then record_id end
            ) as salesforce_account_id,
            max(case when system = 'stripe' then record_id end) as stripe_customer_id,
            max(
                case when system = 'zendesk' then record_id end
            ) as zendesk_organization_id,
            max(
                case when system = 'netsuite' then record_id end
            ) as netsuite_customer_id,
            max(case when system = 'tryton' then record_id end) as tryton_party_id
        from primaries
        group by customer_id
    ),

    salesforce as (select * from {{ ref("stg_salesforce__accounts") }}),

    stripe as (select * from {{ ref("stg_stripe__customers") }}),

    zendesk as (select * from {{ ref("stg_zendesk__organizations") }}),

    netsuite as (select * from {{ ref("stg_netsuite__customers") }}),

    tryton as (select * from {{ ref("stg_tryton__parties") }}),

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
    keys.salesforce_account_id,
    keys.stripe_customer_id,
    keys.zendesk_organization_id,
    keys.netsuite_customer_id,
    keys.tryton_party_id,
    derived.is_active
from keys
inner join derived on derived.customer_id = keys.customer_id
left join salesforce on salesforce.salesforce_account_id = keys.salesforce_account_id
left join stripe on stripe.stripe_customer_id = keys.stripe_customer_id
left join zendesk on zendesk.zendesk_organization_id = keys.zendesk_organization_id
left join netsuite on netsuite.netsuite_customer_id = keys.netsuite_customer_id
left join tryton on tryton.tryton_party_id = keys.tryton_party_id

with

    opportunities as (
        select * from {{ ref("stg_salesforce__opportunities") }} where not is_deleted
    ),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    currencies as (select * from {{ ref("currencies") }}),

    users as (select * from {{ ref("stg_salesforce__users") }}),

    quotes as (
        select salesforce_opportunity_id, min(salesforce_quote_id) as primary_quote_id
        from {{ ref("stg_salesforce__quotes") }}
        where not is_deleted and is_primary
        group by salesforce_opportunity_id
    ),

    deals as (
        select salesforce_opportunity_id, min(hubspot_deal_id) as hubspot_deal_id
        from {{ ref("stg_hubspot__deals") }}
        where not is_deleted and salesforce_opportunity_id is not null
        group by salesforce_opportunity_id
    )

select
    opportunities.salesforce_opportunity_id as opportunity_id,
    accounts.customer_id,
    accounts.legal_entity_code,
    opportunities.name,
    opportunities.opportunity_type,
    opportunities.stage,
    opportunities.is_closed,
    opportunities.is_won,
    {{ to_minor("opportunities.total_amount", "currencies.minor_per_major") }}
    as amount_minor,
    opportunities.currency,
    opportunities.probability_percent,
    opportunities.created_at as opened_at,
    opportunities.closes_on,
    quotes.primary_quote_id,
    opportunities.salesforce_campaign_id as campaign_id,
    opportunities.lead_source,
    opportunities.salesforce_user_id as owner_id,
    trim(
        coalesce(users.first_name, '') || ' ' || coalesce(users.last_name, '')
    ) as owner_name,
    opportunities.renewal_risk,
    deals.hubspot_deal_id,
    opportunities.modified_at,
    'salesforce' as system,
    opportunities.salesforce_opportunity_id as record_id
from opportunities
inner join currencies on currencies.currency = opportunities.currency
left join accounts using (salesforce_account_id)
left join users on users.salesforce_user_id = opportunities.salesforce_user_id
left join
    quotes on quotes.salesforce_opportunity_id = opportunities.salesforce_opportunity_id
left join
    deals on deals.salesforce_opportunity_id = opportunities.salesforce_opportunity_id

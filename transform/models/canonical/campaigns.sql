with

    campaigns as (
        select * from {{ ref("stg_salesforce__campaigns") }} where not is_deleted
    ),

    currencies as (select * from {{ ref("currencies") }})

select
    campaigns.salesforce_campaign_id as campaign_id,
    campaigns.name,
    campaigns.campaign_type,
    campaigns.status,
    campaigns.is_active,
    campaigns.starts_on,
    campaigns.ends_on,
    {{ to_minor("campaigns.budgeted_amount", "currencies.minor_per_major") }}
    as budget_minor,
    {{ to_minor("campaigns.actual_amount", "currencies.minor_per_major") }}
    as cost_minor,
    campaigns.currency,
    campaigns.parent_campaign_id,
    campaigns.created_at,
    campaigns.modified_at,
    'salesforce' as system,
    campaigns.salesforce_campaign_id as record_id
from campaigns
inner join currencies on currencies.currency = campaigns.currency

with

    members as (
        select * from {{ ref("stg_salesforce__campaign_members") }} where not is_deleted
    ),

    campaigns as (select * from {{ ref("campaigns") }}),

    leads as (select * from {{ ref("leads") }} where system = 'salesforce'),

    contacts as (select * from {{ ref("stg_salesforce__contacts") }}),

    accounts as (select * from {{ ref("int_accounts__linked") }})

select
    members.salesforce_campaign_member_id as campaign_touch_id,
    campaigns.campaign_id,
    members.salesforce_lead_id as lead_id,
    members.salesforce_contact_id as contact_id,
    coalesce(accounts.customer_id, leads.customer_id) as customer_id,
    lower(members.status) as status,
    members.has_responded,
    coalesce(members.responded_on, {{ utc_date("members.created_at") }}) as touched_on,
    'salesforce' as system,
    members.salesforce_campaign_member_id as record_id
from members
inner join campaigns on campaigns.campaign_id = members.salesforce_campaign_id
left join leads on leads.lead_id = members.salesforce_lead_id
left join contacts on contacts.salesforce_contact_id = members.salesforce_contact_id
left join accounts on accounts.salesforce_account_id = contacts.salesforce_account_id

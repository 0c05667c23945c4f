with

    tickets as (select * from {{ ref("stg_zendesk__tickets") }} where not is_deleted),

    organizations as (select * from {{ ref("stg_zendesk__organizations") }}),

    records as (select * from {{ ref("customer_records") }})

select
    tickets.zendesk_ticket_id as ticket_id,
    records.customer_id,
    tickets.requester_zendesk_user_id as requester_id,
    tickets.assignee_zendesk_user_id as assignee_id,
    tickets.subject,
    tickets.ticket_type,
    tickets.status,
    tickets.priority,
    tickets.channel,
    organizations.support_tier,
    -- "offered" and "unoffered" are what Zendesk did, not what anybody thinks.
    case
        when tickets.satisfaction in ('good', 'bad') then tickets.satisfaction
    end as satisfaction,
    tickets.created_at,
    tickets.modified_at,
    tickets.status not in ('solved', 'closed') as is_open,
    'zendesk' as system,
    tickets.zendesk_ticket_id as record_id
from tickets
left join organizations using (zendesk_organization_id)
left join
    records
    on records.system = 'zendesk'
    and records.record_id = tickets.zendesk_organization_id

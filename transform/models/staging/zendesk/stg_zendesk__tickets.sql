select
    id as zendesk_ticket_id,
    organization_id as zendesk_organization_id,
    requester_id as requester_zendesk_user_id,
    status,
    priority,
    subject,
    {{ json_text("record", ["type"]) }} as ticket_type,
    {{ json_text("record", ["assignee_id"]) }} as assignee_zendesk_user_id,
    {{ json_text("record", ["via", "channel"]) }} as channel,
    {{ json_text("record", ["satisfaction_rating", "score"]) }} as satisfaction,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_zendesk", "tickets") }}

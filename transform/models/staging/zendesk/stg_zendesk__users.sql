select
    id as zendesk_user_id,
    name,
    {{ filled("email") }} as email,
    organization_id as zendesk_organization_id,
    role,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_zendesk", "users") }}

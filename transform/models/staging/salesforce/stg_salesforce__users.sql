select
    id as salesforce_user_id,
    username,
    first_name,
    last_name,
    {{ filled("email") }} as email,
    is_active,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "users") }}

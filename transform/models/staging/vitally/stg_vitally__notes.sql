select
    id as vitally_note_id,
    {{ filled("subject") }} as subject,
    {{ filled("note") }} as note,
    note_date as noted_at,
    {{ filled("account_id") }} as vitally_account_id,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_vitally", "notes") }}

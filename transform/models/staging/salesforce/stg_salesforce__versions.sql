select
    id as salesforce_version_id,
    stream,
    record_id,
    superseded_at,
    record,
    is_deleted,
    loaded_by as load_id
from {{ source("raw_salesforce", "_history") }}

select
    id as netsuite_account_id,
    acctnumber as number,
    fullname as name,
    accttype as account_type,
    isinactive as is_inactive,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "accounts") }}

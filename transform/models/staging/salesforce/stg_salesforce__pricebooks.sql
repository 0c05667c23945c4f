select
    id as salesforce_pricebook_id,
    name,
    is_active,
    is_standard,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "pricebooks") }}

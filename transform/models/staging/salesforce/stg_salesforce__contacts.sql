select
    id as salesforce_contact_id,
    account_id as salesforce_account_id,
    first_name,
    last_name,
    {{ filled("email") }} as email,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "contacts") }}

select
    id as business_central_account_id,
    company_id as business_central_company_id,
    number,
    display_name as name,
    category,
    {{ filled("sub_category") }} as sub_category,
    account_type,
    blocked as is_blocked,
    last_modified_date_time as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "accounts") }}

select
    id as business_central_company_id,
    name,
    {{ filled("display_name") }} as display_name,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "companies") }}

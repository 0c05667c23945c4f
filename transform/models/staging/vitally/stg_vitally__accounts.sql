select
    id as vitally_account_id,
    {{ filled("name") }} as legal_name,
    {{ filled("external_id") }} as salesforce_account_id,
    {{ filled("organization_id") }} as vitally_organization_id,
    {{ filled("segment") }} as segment,
    {{ filled("risk") }} as risk,
    health_score,
    churned_at,
    next_renewal_date as next_renewal_at,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_vitally", "accounts") }}

select
    id as zendesk_organization_id,
    {{ filled("name") }} as legal_name,
    {{ filled("external_id") }} as salesforce_account_id,
    {{ domain_of("domain_name") }} as domain,
    {{ filled("support_tier") }} as support_tier,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_zendesk", "organizations") }}

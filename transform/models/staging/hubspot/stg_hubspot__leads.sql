select
    id as hubspot_lead_id,
    {{ filled("hs_lead_name") }} as name,
    hs_lead_type as lead_type,
    hs_pipeline_stage as stage,
    {{ filled("salesforceleadid") }} as salesforce_lead_id,
    {{ filled("hubspot_owner_id") }} as hubspot_owner_id,
    hs_createdate as created_at,
    hs_lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_hubspot", "leads") }}

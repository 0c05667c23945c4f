select
    id as salesforce_campaign_member_id,
    campaign_id as salesforce_campaign_id,
    {{ filled("lead_id") }} as salesforce_lead_id,
    {{ filled("contact_id") }} as salesforce_contact_id,
    status,
    has_responded,
    first_responded_date as responded_on,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "campaign_members") }}

select
    id as salesforce_campaign_id,
    name,
    type as campaign_type,
    status,
    start_date as starts_on,
    end_date as ends_on,
    is_active,
    budgeted_cost as budgeted_amount,
    actual_cost as actual_amount,
    upper(currency_iso_code) as currency,
    {{ filled("parent_id") }} as parent_campaign_id,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "campaigns") }}

select
    id as hubspot_deal_id,
    dealname as name,
    dealstage as stage,
    amount as total_amount,
    upper(deal_currency_code) as currency,
    {{ utc_date("closedate") }} as closes_on,
    {{ filled("hs_salesforceopportunityid") }} as salesforce_opportunity_id,
    createdate as created_at,
    hs_lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_hubspot", "deals") }}

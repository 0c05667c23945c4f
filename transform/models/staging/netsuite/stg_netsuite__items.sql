select
    id as netsuite_item_id,
    {{ filled("itemid") }} as item_name,
    displayname as name,
    {{ filled("externalid") }} as external_id,
    {{ filled("revenuerecognitionrule") }} as revenue_rule,
    deferredrevenueaccount as netsuite_deferred_account_id,
    isinactive as is_inactive,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "items") }}

select
    id as netsuite_subsidiary_id,
    name,
    {{ filled("externalid") }} as external_id,
    parent as parent_subsidiary_id,
    upper(country) as country,
    upper(currency) as currency,
    coalesce(iselimination, false) as is_elimination,
    isinactive as is_inactive,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "subsidiaries") }}

select
    id as netsuite_period_id,
    periodname as name,
    startdate as starts_on,
    enddate as ends_on,
    closed as is_closed,
    alllocked as is_locked,
    isquarter as is_quarter,
    isyear as is_year,
    isadjust as is_adjustment,
    isposting as is_posting,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "accounting_periods") }}

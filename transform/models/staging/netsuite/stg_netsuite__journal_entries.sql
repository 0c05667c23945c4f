select
    id as netsuite_journal_id,
    tranid as number,
    {{ filled("externalid") }} as external_id,
    trandate as posted_on,
    postingperiod as netsuite_period_id,
    upper(currency) as currency,
    foreigntotal as total_amount,
    memo,
    status,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "journal_entries") }}

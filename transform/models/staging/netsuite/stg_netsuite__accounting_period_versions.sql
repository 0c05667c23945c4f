select
    record_id as netsuite_period_id,
    {{ json_text("record", ["closed"]) }} = 'T' as is_closed,
    {{ json_text("record", ["alllocked"]) }} = 'T' as is_locked,
    superseded_at
from {{ source("raw_netsuite", "_history") }}
where stream = 'accounting_periods' and not is_deleted

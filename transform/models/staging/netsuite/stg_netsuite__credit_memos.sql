select
    id as netsuite_credit_memo_id,
    tranid as number,
    {{ filled("externalid") }} as stripe_credit_note_id,
    entity as netsuite_customer_id,
    trandate as issued_on,
    upper(currency) as currency,
    -- NetSuite shows what lowers the receivable with a minus.
    - foreigntotal as total_amount,
    status,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "credit_memos") }}

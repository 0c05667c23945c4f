select
    id as netsuite_refund_application_id,
    previousdoc as netsuite_credit_memo_id,
    nextdoc as netsuite_refund_id,
    foreignamount as applied_amount,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "refund_applications") }}

select
    id as netsuite_credit_application_id,
    previousdoc as netsuite_invoice_id,
    nextdoc as netsuite_credit_memo_id,
    foreignamount as applied_amount,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "credit_applications") }}

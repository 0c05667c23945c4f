select
    id as business_central_credit_memo_id,
    company_id as business_central_company_id,
    number,
    {{ filled("external_document_number") }} as external_document_number,
    {{ filled("invoice_number") }} as invoice_number,
    status,
    total_amount_including_tax as total_amount,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "sales_credit_memos") }}

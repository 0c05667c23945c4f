select
    id as business_central_entry_id,
    company_id as business_central_company_id,
    entry_number,
    posting_date as posted_on,
    {{ filled("document_type") }} as document_type,
    document_number,
    account_id as business_central_account_id,
    account_number,
    description,
    debit_amount,
    credit_amount,
    last_modified_date_time as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "general_ledger_entries") }}

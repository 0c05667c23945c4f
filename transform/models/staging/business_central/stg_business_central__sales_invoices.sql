select
    id as business_central_invoice_id,
    company_id as business_central_company_id,
    number,
    {{ filled("external_document_number") }} as external_document_number,
    {{ filled("customer_id") }} as business_central_customer_id,
    upper({{ filled("currency_code") }}) as currency,
    status,
    posting_date as issued_on,
    due_date as due_on,
    total_amount_excluding_tax as net_amount,
    total_tax_amount as tax_amount,
    total_amount_including_tax as total_amount,
    remaining_amount,
    last_modified_date_time as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "sales_invoices") }}

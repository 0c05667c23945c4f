select
    id as netsuite_invoice_id,
    tranid as number,
    {{ filled("externalid") }} as stripe_invoice_id,
    entity as netsuite_customer_id,
    trandate as issued_on,
    duedate as due_on,
    upper(currency) as currency,
    foreigntotal as total_amount,
    status,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "invoices") }}

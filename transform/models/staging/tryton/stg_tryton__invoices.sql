select
    id as tryton_invoice_id,
    number,
    party as tryton_party_id,
    invoice_date as issued_on,
    upper(currency) as currency,
    total_amount,
    state,
    {{ filled("reference") }} as stripe_invoice_id,
    write_date as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_tryton", "invoices") }}

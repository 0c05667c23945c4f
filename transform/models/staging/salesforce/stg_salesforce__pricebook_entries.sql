select
    id as salesforce_pricebook_entry_id,
    pricebook2_id as salesforce_pricebook_id,
    product2_id as salesforce_product_id,
    unit_price as unit_price_amount,
    is_active,
    upper(currency_iso_code) as currency,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "pricebook_entries") }}

select
    id as salesforce_opportunity_line_item_id,
    opportunity_id as salesforce_opportunity_id,
    product2_id as salesforce_product_id,
    product_code as sku,
    quantity,
    list_price as list_price_amount,
    unit_price as unit_price_amount,
    total_price as total_amount,
    service_date as starts_on,
    {{ filled("sbqq__quote_line__c") }} as salesforce_quote_line_id,
    upper(currency_iso_code) as currency,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "opportunity_line_items") }}

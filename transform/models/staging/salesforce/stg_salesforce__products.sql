select
    id as salesforce_product_id,
    name,
    {{ filled("product_code") }} as sku,
    family,
    is_active,
    {{ filled("erp_item__c") }} as erp_item_id,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "products") }}

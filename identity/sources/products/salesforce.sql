-- Products of Salesforce. People wrote NetSuite's item on it.
select
    'salesforce' as system,
    'product' as object,
    id as record_id,
    name,
    product_code as sku,
    null as catalogue,
    ['netsuite:item:' || erp_item__c] as reference_keys,
    null as duplicate_of,
    created_date as created_at,
    not is_deleted as is_live
from raw_salesforce.products

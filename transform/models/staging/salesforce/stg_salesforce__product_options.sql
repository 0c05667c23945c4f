select
    id as salesforce_product_option_id,
    sbqq__configured_sku__c as bundle_salesforce_product_id,
    sbqq__optional_sku__c as component_salesforce_product_id,
    cast(sbqq__number__c as integer) as position,
    sbqq__quantity__c as quantity,
    sbqq__bundled__c as is_included,
    sbqq__required__c as is_required,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "product_options") }}

select
    id as salesforce_quote_line_id,
    sbqq__quote__c as salesforce_quote_id,
    sbqq__product__c as salesforce_product_id,
    sbqq__product_code__c as sku,
    sbqq__quantity__c as quantity,
    sbqq__list_price__c as list_price_amount,
    sbqq__discount__c as discount_percent,
    discount_months__c as discount_months,
    sbqq__net_price__c as net_price_amount,
    sbqq__net_total__c as net_total_amount,
    sbqq__charge_type__c as charge_type,
    sbqq__start_date__c as starts_on,
    sbqq__end_date__c as ends_on,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "quote_lines") }}

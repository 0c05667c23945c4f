select
    id as salesforce_subscription_id,
    sbqq__contract__c as salesforce_contract_id,
    sbqq__account__c as salesforce_account_id,
    sbqq__product__c as salesforce_product_id,
    sbqq__quote_line__c as salesforce_quote_line_id,
    sbqq__quantity__c as quantity,
    sbqq__net_price__c as net_price_amount,
    sbqq__discount__c as discount_percent,
    discount_months__c as discount_months,
    sbqq__subscription_start_date__c as starts_on,
    sbqq__subscription_end_date__c as ends_on,
    sbqq__charge_type__c as charge_type,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "subscriptions") }}

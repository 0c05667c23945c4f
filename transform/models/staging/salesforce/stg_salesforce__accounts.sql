select
    id as salesforce_account_id,
    {{ filled("name") }} as legal_name,
    {{ filled("website") }} as website,
    {{ domain_of("coalesce(website, billing_email__c)") }} as domain,
    {{ filled("billing_country") }} as country,
    upper(currency_iso_code) as currency,
    {{ filled("tax_id__c") }} as tax_id,
    {{ filled("billing_email__c") }} as billing_email,
    {{ filled("payment_status__c") }} as payment_status,
    {{ filled("duplicate_of__c") }} as duplicate_of,
    {{ filled("entity__c") }} as legal_entity_code,
    type as account_type,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "accounts") }}

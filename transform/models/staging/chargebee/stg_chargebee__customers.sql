select
    id as chargebee_customer_id,
    {{ filled("company") }} as legal_name,
    {{ filled("email") }} as billing_email,
    {{ domain_of("email") }} as domain,
    {{ filled("vat_number") }} as tax_id,
    {{ filled("billing_address_country") }} as country,
    upper(preferred_currency_code) as currency,
    {{ filled("meta_data_salesforce_account_id") }} as salesforce_account_id,
    {{ filled("relationship_parent_id") }} as parent_customer_id,
    net_term_days,
    taxability,
    promotional_credits + refundable_credits + excess_payments as credit_balance_minor,
    created_at,
    updated_at as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_chargebee", "customers") }}

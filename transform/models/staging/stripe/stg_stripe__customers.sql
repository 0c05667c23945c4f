select
    id as stripe_customer_id,
    {{ filled("name") }} as legal_name,
    {{ filled("email") }} as billing_email,
    {{ domain_of("email") }} as domain,
    upper(currency) as currency,
    {{ filled("country") }} as country,
    {{ filled("metadata_salesforce_account_id") }} as salesforce_account_id,
    {{ filled("metadata_tax_id") }} as tax_id,
    {{ filled("metadata_duplicate_of") }} as duplicate_of,
    delinquent as is_delinquent,
    {{ json_text("record", ["tax_exempt"]) }} as tax_exempt,
    -- Stripe writes what it owes the customer with a minus.
    - cast({{ json_text("record", ["balance"]) }} as bigint) as credit_balance_minor,
    created as created_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_stripe", "customers") }}

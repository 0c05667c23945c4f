select
    id as netsuite_customer_id,
    entityid as entity_number,
    {{ filled("externalid") }} as stripe_customer_id,
    {{ filled("companyname") }} as legal_name,
    {{ filled("email") }} as billing_email,
    {{ domain_of("email") }} as domain,
    {{ filled("vatregnumber") }} as tax_id,
    upper(currency) as currency,
    {{ filled("country") }} as country,
    isinactive as is_inactive,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "customers") }}

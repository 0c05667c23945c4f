select
    id as business_central_customer_id,
    company_id as business_central_company_id,
    number as customer_number,
    {{ filled("display_name") }} as legal_name,
    {{ filled("email") }} as billing_email,
    {{ filled("website") }} as website,
    {{ domain_of("coalesce(" ~ filled("website") ~ ", email)") }} as domain,
    {{ filled("tax_registration_number") }} as tax_id,
    {{ filled("country") }} as country,
    upper({{ filled("currency_code") }}) as currency,
    {{ filled("blocked") }} as blocked,
    tax_liable as is_taxable,
    last_modified_date_time as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_business_central", "customers") }}

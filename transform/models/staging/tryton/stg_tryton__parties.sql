select
    id as tryton_party_id,
    code,
    -- Parties made from billing carry billing's key as their code.
    case when substr(code, 1, 4) = 'cus_' then code end as stripe_customer_id,
    {{ filled("name") }} as legal_name,
    {{ filled("email") }} as billing_email,
    {{ domain_of("email") }} as domain,
    {{ filled("tax_identifier") }} as tax_id,
    write_stamp,
    write_date as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_tryton", "parties") }}

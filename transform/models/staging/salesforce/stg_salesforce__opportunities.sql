select
    id as salesforce_opportunity_id,
    account_id as salesforce_account_id,
    name,
    stage_name as stage,
    type as opportunity_type,
    amount as total_amount,
    upper(currency_iso_code) as currency,
    close_date as closes_on,
    probability as probability_percent,
    is_closed,
    is_won,
    created_date as created_at,
    system_modstamp as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_salesforce", "opportunities") }}

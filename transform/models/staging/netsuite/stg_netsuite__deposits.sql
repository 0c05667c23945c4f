select
    id as netsuite_deposit_id,
    tranid as number,
    {{ filled("externalid") }} as stripe_payout_id,
    trandate as deposited_on,
    upper(currency) as currency,
    foreigntotal as total_amount,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "deposits") }}

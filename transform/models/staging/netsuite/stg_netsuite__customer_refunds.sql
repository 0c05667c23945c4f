select
    id as netsuite_refund_id,
    tranid as number,
    {{ filled("externalid") }} as stripe_refund_id,
    entity as netsuite_customer_id,
    trandate as refunded_on,
    upper(currency) as currency,
    foreigntotal as total_amount,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "customer_refunds") }}

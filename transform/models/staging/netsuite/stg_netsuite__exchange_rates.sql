select
    id as netsuite_exchange_rate_id,
    -- The rate is what one unit of the transaction's currency is worth in the base.
    upper(transactioncurrency) as from_currency,
    upper(basecurrency) as to_currency,
    effectivedate as rate_on,
    cast(exchangerate as decimal(20, 10)) as rate,
    lastmodifieddate as modified_at,
    record,
    is_deleted,
    _dlt_load_id as load_id
from {{ source("raw_netsuite", "exchange_rates") }}

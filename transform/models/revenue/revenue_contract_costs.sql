-- No system of the first-class ones tells of commissions: the model waits for one.
with contracts as (select * from {{ ref("revenue_contracts") }})

select
    contract_id,
    cast(null as varchar) as cost_id,
    cast(null as bigint) as amount_minor,
    cast(null as date) as incurred_on,
    true as is_incremental,
    cast(null as date) as starts_on,
    cast(null as date) as ends_before
from contracts
where contract_id is null

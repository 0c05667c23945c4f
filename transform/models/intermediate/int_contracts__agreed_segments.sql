with

    segments as (select * from {{ ref("contract_segments") }}),

    contracts as (select * from {{ ref("contracts") }})

select
    coalesce(contracts.master_contract_id, segments.contract_id) as agreement_id,
    segments.segment_id,
    segments.customer_id,
    segments.product_id,
    segments.starts_on,
    segments.ends_before,
    segments.quantity,
    segments.gross_arr_minor,
    segments.currency,
    segments.is_recurring
from segments
left join contracts using (contract_id)

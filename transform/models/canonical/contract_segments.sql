with segments as (select * from {{ ref("int_contracts__segments") }})

select
    segment_id,
    customer_id,
    salesforce_contract_id as contract_id,
    legal_entity_code,
    sku as product_id,
    starts_on,
    ends_before,
    quantity,
    unit_minor,
    discount_basis_points,
    arr_minor,
    mrr_minor,
    currency,
    is_recurring
from segments

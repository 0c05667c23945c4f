with segments as (select * from {{ ref("int_contracts__segments") }})

select
    segment_id,
    customer_id,
    'salesforce:account:' || salesforce_account_id as customer_record_key,
    salesforce_contract_id as contract_id,
    legal_entity_code,
    sku as product_id,
    signed_on,
    starts_on,
    ends_before,
    quantity,
    unit_minor,
    discount_basis_points,
    is_discount_permanent,
    gross_arr_minor,
    arr_minor,
    mrr_minor,
    currency,
    is_recurring
from segments

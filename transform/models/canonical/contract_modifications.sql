with modifications as (select * from {{ ref("int_contracts__modified") }})

select
    salesforce_contract_id || ':' || salesforce_order_id as contract_modification_id,
    salesforce_contract_id as contract_id,
    salesforce_order_id as order_id,
    customer_id,
    legal_entity_code,
    from_version_number,
    to_version_number,
    modified_on,
    recorded_at,
    modification_type,
    tcv_minor,
    arr_delta_minor,
    currency,
    treatment,
    is_distinct,
    is_at_standalone_price,
    decided_by,
    decided_at,
    rationale,
    is_by_policy,
    'salesforce' as system,
    salesforce_order_id as record_id
from modifications

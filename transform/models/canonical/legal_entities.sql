with entities as (select * from {{ ref("int_legal_entities__known") }})

select
    legal_entity_code,
    name,
    country,
    functional_currency,
    erp_system,
    erp_entity_id,
    billing_system,
    is_elimination,
    is_active
from entities

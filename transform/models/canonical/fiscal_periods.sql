with periods as (select * from {{ ref("int_fiscal_periods__kept") }})

select
    fiscal_period_id,
    legal_entity_code,
    name,
    starts_on,
    ends_before,
    is_adjustment,
    status,
    closed_at,
    locked_at,
    source_system,
    source_id
from periods

with periods as (select * from {{ ref("fiscal_periods") }})

select
    legal_entity_code as entity,
    starts_on as month,
    min({{ utc_date("closed_at") }}) as closed_on
from periods
where closed_at is not null and not is_adjustment
group by legal_entity_code, starts_on

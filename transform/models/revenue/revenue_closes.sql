with periods as (select * from {{ ref("fiscal_periods") }})

select
    legal_entity_code as entity,
    starts_on as month,
    min({{ utc_date("locked_at") }}) as closed_on
from periods
-- A locked period still takes the subledger's journals, a closed one takes nothing.
where locked_at is not null and not is_adjustment
group by legal_entity_code, starts_on

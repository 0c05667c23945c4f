with held as (select * from {{ ref("held_rows") }})

select
    reason_code,
    entity,
    currency,
    count(*) as held_rows,
    count(*) - count(amount_minor) as rows_without_amount,
    {{ sum_minor("amount_minor") }} as amount_minor
from held
group by reason_code, entity, currency

with movements as (select * from {{ ref("arr_movements") }})

select
    month,
    {{ sum_minor("opening_usd_minor") }} as opening_usd_minor,
    {{ sum_minor("new_usd_minor") }} as new_usd_minor,
    {{ sum_minor("expansion_usd_minor") }} as expansion_usd_minor,
    {{ sum_minor("contraction_usd_minor") }} as contraction_usd_minor,
    {{ sum_minor("churn_usd_minor") }} as churn_usd_minor,
    {{ sum_minor("reactivation_usd_minor") }} as reactivation_usd_minor,
    {{ sum_minor("closing_usd_minor") }} as closing_usd_minor,
    count(distinct case when closing_minor <> 0 then customer_id end) as customers_count
from movements
group by month

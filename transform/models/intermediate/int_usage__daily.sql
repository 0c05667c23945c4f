with summaries as (select * from {{ ref("stg_stripe__meter_summaries") }})

select
    stripe_customer_id,
    stripe_meter_id,
    {{ utc_date("starts_at") }} as used_on,
    cast(sum(quantity) as bigint) as quantity
from summaries
where not is_deleted
group by stripe_customer_id, stripe_meter_id, {{ utc_date("starts_at") }}

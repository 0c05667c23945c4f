with

    scores as (select * from {{ ref("int_health_scores__versions") }}),

    records as (select * from {{ ref("customer_records") }})

select
    records.customer_id,
    scores.scored_on,
    scores.score,
    scores.risk,
    scores.reason,
    row_number() over (
        partition by scores.vitally_account_id order by scores.scored_on desc
    )
    = 1 as is_current,
    scores.modified_at,
    'vitally' as system,
    scores.vitally_account_id as record_id
from scores
left join
    records
    on records.system = 'vitally'
    and records.record_id = scores.vitally_account_id

with

    contracts as (select * from {{ ref("revenue_contracts") }}),

    terms as (select * from {{ ref("revenue_holds_of_terms") }}),

    events as (select * from {{ ref("revenue_holds_of_events") }}),

    found as (
        select contract_id, hold_reason as reason
        from contracts
        union all
        select contract_id, reason
        from terms
        union all
        select contract_id, reason
        from events
    )

select contract_id, reason
from found
where reason is not null
group by contract_id, reason

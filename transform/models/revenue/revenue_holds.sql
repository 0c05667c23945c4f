with

    stated as (select * from {{ ref("revenue_holds_stated") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    units as (select * from {{ ref("revenue_units") }}),

    found as (
        select contract_id, reason
        from stated
        union all
        select contract_id, fault as reason
        from versions
        where fault is not null
        union all
        select obligations.contract_id, 'over_satisfied' as reason
        from units
        inner join obligations using (obligation_key)
        where units.units > units.promised_units and obligations.method <> 'drawdown'
    ),

    reasons as (select contract_id, reason from found group by contract_id, reason),

    prices as (
        select contract_id, {{ sum_minor("price_minor") }} as price_minor
        from obligations
        group by contract_id
    )

select
    reasons.contract_id,
    reasons.reason,
    contracts.entity,
    contracts.customer_id,
    contracts.currency,
    coalesce(prices.price_minor, 0) as held_minor
from reasons
left join contracts using (contract_id)
left join prices using (contract_id)

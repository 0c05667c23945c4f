with

    stated as (select * from {{ ref("revenue_holds_stated") }}),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    units as (select * from {{ ref("revenue_units") }}),

    current_units as (
        select
            obligations.contract_id,
            obligations.obligation_key,
            obligations.method,
            max(coalesce(versions.total_units, obligations.total_units)) as total_units,
            max(units.units) as units
        from units
        inner join obligations using (obligation_key)
        left join versions using (obligation_key)
        group by obligations.contract_id, obligations.obligation_key, obligations.method
    ),

    found as (
        select contract_id, reason
        from stated
        union all
        select contract_id, fault as reason
        from versions
        where fault is not null
        union all
        select contract_id, 'over_satisfied' as reason
        from current_units
        where units > total_units and method <> 'drawdown'
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

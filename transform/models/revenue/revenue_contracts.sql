with

    contracts as (select * from {{ ref("contracts") }}),

    entities as (select * from {{ ref("legal_entities") }}),

    orders as (select * from {{ ref("orders") }}),

    signed as (
        select contract_id, min(least(activated_on, starts_on)) as signed_on
        from orders
        where contract_id is not null
        group by contract_id
    )

select
    contracts.contract_id,
    contracts.customer_id,
    contracts.legal_entity_code as entity,
    contracts.currency,
    entities.functional_currency,
    coalesce(signed.signed_on, contracts.starts_on) as signed_on,
    case when signed.contract_id is null then 'order_missing' end as hold_reason
from contracts
inner join entities using (legal_entity_code)
left join signed using (contract_id)

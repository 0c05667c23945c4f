with

    contracts as (select * from {{ ref("contracts") }}),

    entities as (select * from {{ ref("legal_entities") }}),

    orders as (select * from {{ ref("orders") }}),

    lines as (select * from {{ ref("order_lines") }}),

    modifications as (
        select * from {{ ref("contract_modifications") }} where treatment is not null
    ),

    signed as (
        select contract_id, min(starts_on) as signed_on
        from orders
        where contract_id is not null
        group by contract_id
    ),

    -- Order lines say what is bought from a day on, not what its whole price becomes.
    unstated as (
        select modifications.contract_id
        from modifications
        inner join lines using (order_id)
        where
            modifications.treatment <> 'none'
            and (
                modifications.treatment <> 'separate'
                or lines.action not in ('new', 'add')
            )
        group by modifications.contract_id
    )

select
    contracts.contract_id,
    contracts.customer_id,
    contracts.legal_entity_code as entity,
    contracts.currency,
    entities.functional_currency,
    coalesce(signed.signed_on, contracts.starts_on) as signed_on,
    case
        when unstated.contract_id is not null
        then 'change_not_stated'
        when signed.contract_id is null
        then 'order_missing'
    end as hold_reason
from contracts
inner join entities using (legal_entity_code)
left join signed using (contract_id)
left join unstated using (contract_id)

with

    pairs as (
        select * from {{ ref("int_intercompany__pairs") }} where matched_minor <> 0
    ),

    sides as (
        select *, debit_entity as legal_entity_code, 'debit' as side
        from pairs
        union all
        select *, credit_entity as legal_entity_code, 'credit' as side
        from pairs
    )

select
    relation
    || ':'
    || debit_entity
    || ':'
    || credit_entity
    || ':'
    || currency
    || ':'
    || {{ iso_day("month") }}
    || ':'
    || side as elimination_id,
    month,
    currency,
    legal_entity_code,
    case
        when side = 'debit' then credit_entity else debit_entity
    end as counterparty_code,
    case
        when relation = 'trade'
        then case when side = 'debit' then 'receivable' else 'payable' end
        when relation = 'income'
        then case when side = 'debit' then 'cost' else 'revenue' end
        else case when side = 'debit' then 'prepaid' else 'deferred' end
    end as purpose,
    -- What the entity has is taken back.
    case when side = 'debit' then - matched_minor else matched_minor end as amount_minor
from sides

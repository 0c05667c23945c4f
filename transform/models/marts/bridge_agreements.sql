with

    contracts as (select * from {{ ref("contracts") }}),

    terms as (select * from {{ ref("int_contracts__terms_valued") }}),

    -- Billing has one subscription for a contract and all that amends it.
    grouped as (
        select
            coalesce(master_contract_id, contract_id) as agreement_id,
            max(contracts.ends_on) as ends_on,
            {{ sum_minor("terms.paused_minor") }} as paused_minor
        from contracts
        left join terms on terms.salesforce_contract_id = contracts.contract_id
        group by coalesce(master_contract_id, contract_id)
    )

select
    contracts.contract_id,
    grouped.agreement_id,
    coalesce(
        masters.legal_entity_code, contracts.legal_entity_code
    ) as legal_entity_code,
    coalesce(masters.currency, contracts.currency) as currency,
    grouped.ends_on,
    grouped.paused_minor
from contracts
inner join
    grouped
    on grouped.agreement_id
    = coalesce(contracts.master_contract_id, contracts.contract_id)
left join contracts as masters on masters.contract_id = grouped.agreement_id

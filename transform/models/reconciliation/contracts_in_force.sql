with

    contract_segments as (
        select *
        from {{ ref("contract_segments") }}
        where starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
    ),

    contracts as (select * from {{ ref("contracts") }}),

    -- Billing has one subscription for a contract and all that amends it.
    agreed as (
        select
            contract_segments.*,
            coalesce(
                contracts.master_contract_id, contract_segments.contract_id
            ) as agreement_id
        from contract_segments
        left join contracts on contracts.contract_id = contract_segments.contract_id
    )

select
    agreement_id as contract_id,
    product_id,
    is_recurring,
    max(customer_id) as customer_id,
    max(currency) as currency,
    sum(quantity) as quantity,
    {{ sum_minor("gross_arr_minor") }} as gross_arr_minor
from agreed
group by agreement_id, product_id, is_recurring

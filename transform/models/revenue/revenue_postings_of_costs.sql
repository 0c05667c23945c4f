with

    costs as (select * from {{ ref("revenue_contract_costs") }}),

    months as (select * from {{ ref("revenue_months") }}),

    holds as (select * from {{ ref("revenue_holds_stated") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    capitalized as (
        select
            costs.*,
            {{ term_months("costs.starts_on", "costs.ends_before") }} as cost_months
        from costs
        left join held_contracts using (contract_id)
        where held_contracts.contract_id is null
    ),

    amortized as (
        select
            capitalized.*,
            months.month,
            months.closes_before,
            {{
                share_minor(
                    "capitalized.amount_minor",
                    bounded(
                        months_apart("capitalized.starts_on", "months.closes_before"),
                        "capitalized.cost_months",
                    ),
                    "capitalized.cost_months",
                )
            }} as amortized_minor
        from capitalized
        inner join months on months.closes_before > capitalized.starts_on
        where capitalized.is_incremental
    ),

    postings as (
        select
            contract_id,
            cost_id as event_id,
            'contract_cost' as reason,
            cast(null as varchar) as obligation_key,
            incurred_on as posted_on,
            case
                when is_incremental then 'contract_cost' else 'contract_cost_expense'
            end as debit_role,
            'contract_cost_payable' as credit_role,
            amount_minor
        from capitalized

        union all

        select
            contract_id,
            cost_id as event_id,
            'amortization' as reason,
            cast(null as varchar) as obligation_key,
            {{ add_days("closes_before", -1) }} as posted_on,
            'contract_cost_expense' as debit_role,
            'contract_cost' as credit_role,
            amortized_minor - lag(amortized_minor, 1, cast(0 as bigint)) over (
                partition by contract_id, cost_id order by month
            ) as amount_minor
        from amortized
    )

select
    contract_id,
    event_id,
    reason,
    obligation_key,
    posted_on,
    debit_role,
    credit_role,
    amount_minor
from postings

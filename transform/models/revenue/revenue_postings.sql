with

    billed as (select * from {{ ref("revenue_postings_of_billing") }}),

    performed as (select * from {{ ref("revenue_postings_of_performance") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    months as (select * from {{ ref("revenue_months") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    postings as (
        select
            contract_id,
            cast(null as varchar) as accounting_contract_id,
            event_id,
            reason,
            obligation_key,
            posted_on,
            month,
            debit_role,
            credit_role,
            amount_minor
        from billed
        union all
        select
            contract_id,
            accounting_contract_id,
            event_id,
            reason,
            obligation_key,
            posted_on,
            month,
            debit_role,
            credit_role,
            amount_minor
        from performed
    ),

    accepted as (
        select
            postings.*,
            -- An unconditional right stands alone; the others are netted by contract.
            case
                when obligations.is_unconditional
                then obligations.obligation_key
                else
                    coalesce(
                        obligations.accounting_contract_id,
                        postings.accounting_contract_id,
                        postings.contract_id
                    )
            end as position_key,
            coalesce(obligations.is_unconditional, false) as is_unconditional,
            cast(null as bigint) as asset_minor
        from postings
        left join obligations using (obligation_key)
        left join held_contracts on held_contracts.contract_id = postings.contract_id
        inner join months on months.month = postings.month and months.is_posted
        where held_contracts.contract_id is null
    ),

    moved as (
        select
            contract_id,
            position_key,
            is_unconditional,
            month,
            {{
                sum_minor(
                    "case when credit_role = 'deferred' then amount_minor else 0 end"
                    ~ " - case when debit_role = 'deferred' then amount_minor else 0 end"
                )
            }}
            as deferred_minor
        from accepted
        group by contract_id, position_key, is_unconditional, month
    ),

    -- Performance ahead of billing is an asset, stated at each month's end.
    positions as (
        select
            contract_id,
            position_key,
            is_unconditional,
            month,
            greatest(
                - cast(
                    sum(deferred_minor) over (
                        partition by position_key order by month
                    ) as bigint
                ),
                cast(0 as bigint)
            ) as asset_minor
        from moved
    ),

    netted as (
        select
            positions.contract_id,
            cast(null as varchar) as event_id,
            'netting' as reason,
            case
                when positions.is_unconditional then positions.position_key
            end as obligation_key,
            {{ add_days("months.closes_before", -1) }} as posted_on,
            positions.month,
            case
                when positions.is_unconditional then 'unbilled' else 'contract_asset'
            end as debit_role,
            'deferred' as credit_role,
            positions.asset_minor
            - lag(positions.asset_minor, 1, cast(0 as bigint)) over (
                partition by positions.position_key order by positions.month
            ) as amount_minor,
            positions.position_key,
            positions.is_unconditional,
            positions.asset_minor
        from positions
        inner join months using (month)
    )

{% for relation in ("accepted", "netted") %}
    select
        contract_id,
        event_id,
        reason,
        obligation_key,
        posted_on,
        month,
        debit_role,
        credit_role,
        amount_minor,
        position_key,
        is_unconditional,
        asset_minor
    from {{ relation }}
    {% if relation == "netted" %} where amount_minor <> 0
    {% else %}
        union all
    {% endif %}
{% endfor %}

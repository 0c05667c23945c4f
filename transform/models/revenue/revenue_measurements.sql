with

    releases as (select * from {{ ref("revenue_deferral_releases") }}),

    valued as (
        select *
        from {{ ref("revenue_valued_postings") }}
        where currency <> functional_currency
    ),

    remeasured as (select * from {{ ref("revenue_remeasurements") }}),

    compared as (
        select
            *,
            -- What revenue has cost in deferred, less what was billed for it.
            sum(released_functional_minor) over (
                partition by position_key order by month
            )
            - reached_functional_minor
            - asset_functional_minor as fx_to_date_minor
        from releases
    ),

    measurements as (
        select
            contract_id,
            position_key,
            'historical_rate' as reason,
            month,
            posted_on,
            'deferred' as debit_role,
            'revenue' as credit_role,
            released_functional_minor - stated_functional_minor as functional_minor
        from releases

        union all

        select
            contract_id,
            position_key,
            'settlement' as reason,
            month,
            posted_on,
            'fx' as debit_role,
            'deferred' as credit_role,
            fx_to_date_minor - lag(fx_to_date_minor, 1, cast(0 as bigint)) over (
                partition by position_key order by month
            ) as functional_minor
        from compared

        union all

        select
            contract_id,
            position_key,
            'netting' as reason,
            month,
            posted_on,
            case
                when is_unconditional then 'unbilled' else 'contract_asset'
            end as debit_role,
            'deferred' as credit_role,
            asset_functional_minor
            - lag(asset_functional_minor, 1, cast(0 as bigint)) over (
                partition by position_key order by month
            ) as functional_minor
        from releases

        union all

        select
            contract_id,
            position_key,
            reason,
            month,
            posted_on,
            debit_role,
            credit_role,
            functional_minor
        from remeasured

        union all

        -- Cash leaves at the rate of its own day.
        select
            contract_id,
            position_key,
            'settlement' as reason,
            month,
            posted_on,
            'fx' as debit_role,
            'cash' as credit_role,
            paid_functional_minor - functional_minor as functional_minor
        from valued
        where credit_role = 'cash'
    )

select
    contract_id,
    position_key,
    reason,
    month,
    posted_on,
    debit_role,
    credit_role,
    {{ sum_minor("functional_minor") }} as functional_minor
from measurements
group by contract_id, position_key, reason, month, posted_on, debit_role, credit_role
having sum(functional_minor) <> 0

with

    valued as (
        select *
        from {{ ref("revenue_valued_postings") }}
        where currency <> functional_currency
    ),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    rates as (select * from {{ ref("revenue_rates") }}),

    sides as (
        select
            contract_id,
            month,
            debit_role as account_role,
            amount_minor as signed_minor,
            functional_minor as signed_functional_minor
        from valued
        union all
        select
            contract_id,
            month,
            credit_role as account_role,
            - amount_minor as signed_minor,
            - functional_minor as signed_functional_minor
        from valued
    ),

    monetary as (
        select
            sides.contract_id,
            sides.account_role,
            months.month,
            {{ add_days("months.closes_before", -1) }} as posted_on,
            {{ sum_minor("sides.signed_minor") }} as balance_minor,
            {{ sum_minor("sides.signed_functional_minor") }} as ledger_minor
        from sides
        inner join months on months.month >= sides.month
        where sides.account_role in ('accounts_receivable', 'refund_liability')
        group by
            sides.contract_id, sides.account_role, months.month, months.closes_before
    ),

    contracts as (
        select contract_id, currency, functional_currency
        from valued
        group by contract_id, currency, functional_currency
    ),

    remeasured as (
        select
            monetary.*,
            {{
                share_minor(
                    "monetary.balance_minor", "rates.numerator", "rates.denominator"
                )
            }} - monetary.ledger_minor as fx_to_date_minor
        from monetary
        inner join contracts using (contract_id)
        left join
            rates
            on rates.from_currency = contracts.currency
            and rates.to_currency = contracts.functional_currency
            and rates.valid_from <= monetary.posted_on
            and {{ or_never("rates.valid_before") }} > monetary.posted_on
    )

select
    contract_id,
    contract_id as position_key,
    'remeasurement' as reason,
    month,
    posted_on,
    account_role as debit_role,
    'fx' as credit_role,
    fx_to_date_minor - lag(fx_to_date_minor, 1, cast(0 as bigint)) over (
        partition by contract_id, account_role order by month
    ) as functional_minor
from remeasured

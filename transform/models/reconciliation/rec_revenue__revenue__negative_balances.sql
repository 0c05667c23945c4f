with

    journal as (
        select *
        from {{ ref("revenue_journal") }}
        where account_role in ('deferred', 'contract_asset', 'unbilled')
    ),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    moved as (
        select
            contract_id,
            customer_id,
            currency,
            position_key,
            account_role,
            month,
            {{ sum_minor("amount_minor") }} as moved_minor
        from journal
        group by contract_id, customer_id, currency, position_key, account_role, month
    ),

    -- Deferred revenue is a credit, an asset a debit; netted within a position, never
    -- across positions.
    balances as (
        select
            *,
            case when account_role = 'deferred' then -1 else 1 end * cast(
                sum(moved_minor) over (
                    partition by position_key, account_role order by month
                ) as bigint
            ) as balance_minor
        from moved
    ),

    negative as (
        select
            *,
            row_number() over (
                partition by position_key, account_role order by month
            ) as place
        from balances
        where balance_minor < 0
    ),

    found as (
        select
            'salesforce:contract:' || negative.contract_id as record_key,
            negative.position_key || ':' || negative.account_role as part,
            negative.customer_id,
            case
                negative.account_role
                when 'deferred'
                then 'Deferred revenue of '
                else 'A contract asset of '
            end
            || {{ customer_name("customers.legal_name", "negative.customer_id") }}
            || ' is negative since '
            || {{ iso_day("negative.month") }} as subject,
            negative.currency,
            negative.month as period,
            'subledger' as left_system,
            '0' as left_value,
            'journal' as right_system,
            {{ amount_text("negative.balance_minor", "currencies.minor_per_major") }}
            as right_value,
            negative.balance_minor as difference_minor
        from negative
        inner join currencies on currencies.currency = negative.currency
        left join customers on customers.customer_id = negative.customer_id
        where negative.place = 1
    )

    {{
        breaks(
            [
                "part",
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}

with

    balances as (select * from {{ ref("revenue_balances_monthly") }}),

    journal as (select * from {{ ref("revenue_journal") }}),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    begun as (
        select contract_id, account_role, min(month) as first_month
        from journal
        group by contract_id, account_role
    ),

    compared as (
        select
            balances.*,
            -- Nothing stands before the first entry, and no month may be missing.
            case
                when balances.month = begun.first_month
                then cast(0 as bigint)
                else earlier.closing_minor
            end as carried_minor
        from balances
        inner join begun using (contract_id, account_role)
        left join
            balances as earlier
            on earlier.contract_id = balances.contract_id
            and earlier.account_role = balances.account_role
            and earlier.month = {{ add_months("balances.month", -1) }}
    ),

    found as (
        select
            'salesforce:contract:' || compared.contract_id as record_key,
            compared.account_role || ':' || {{ iso_day("compared.month") }} as part,
            compared.customer_id,
            'The month of contract '
            || compared.contract_id
            || ' of '
            || {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' does not open with what the one before closed with' as subject,
            compared.currency,
            compared.month as period,
            'subledger' as left_system,
            {{ amount_text("compared.carried_minor", "currencies.minor_per_major") }}
            as left_value,
            'subledger' as right_system,
            {{ amount_text("compared.opening_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.carried_minor - compared.opening_minor as difference_minor
        from compared
        inner join currencies on currencies.currency = compared.currency
        left join customers on customers.customer_id = compared.customer_id
        where
            compared.carried_minor is null
            or compared.carried_minor <> compared.opening_minor
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

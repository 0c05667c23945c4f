with

    rolled as (select * from {{ ref("revenue_rollforward_monthly") }}),

    billed as (select * from {{ ref("contract_billings_monthly") }}),

    recognized as (select * from {{ ref("revenue_recognized_monthly") }}),

    usages as (select * from {{ ref("revenue_usages") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    balances as (select * from {{ ref("revenue_balances_monthly") }}),

    currencies as (select * from {{ ref("currencies") }}),

    movements as (
        select contract_id, month, billings_minor - credits_minor as amount_minor
        from billed

        union all

        select contract_id, month, - recognized_minor as amount_minor
        from recognized

        union all

        select
            obligations.contract_id,
            {{ first_of_month("usages.effective_on") }} as month,
            - usages.earned_minor as amount_minor
        from usages
        inner join obligations using (obligation_key)

        union all

        -- What was earned and taken back, and what other accounts took over.
        select contract_id, month, movement_minor as amount_minor
        from balances
        where account_role in {{ contra_roles() }} or account_role = 'refund_liability'
    ),

    moved as (
        select contract_id, month, {{ sum_minor("amount_minor") }} as moved_minor
        from movements
        group by contract_id, month
    ),

    compared as (
        select
            rolled.contract_id,
            rolled.customer_id,
            rolled.currency,
            rolled.month,
            rolled.opening_minor + coalesce(moved.moved_minor, 0) as rolled_minor,
            rolled.closing_minor,
            currencies.minor_per_major
        from rolled
        inner join currencies using (currency)
        left join
            moved
            on moved.contract_id = rolled.contract_id
            and moved.month = rolled.month
    ),

    found as (
        select
            'salesforce:contract:' || contract_id as record_key,
            customer_id,
            {{ iso_day("month") }} as part,
            'Deferred revenue does not roll forward in the month of '
            || {{ iso_day("month") }} as subject,
            currency,
            month as period,
            'roll-forward' as left_system,
            {{ amount_text("rolled_minor", "minor_per_major") }} as left_value,
            'journal' as right_system,
            {{ amount_text("closing_minor", "minor_per_major") }} as right_value,
            rolled_minor - closing_minor as difference_minor
        from compared
        where rolled_minor <> closing_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
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

with

    versions as (
        select *
        from {{ ref("revenue_obligation_versions") }}
        where method in ('daily', 'month_even', 'month_prorated')
    ),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    journal as (
        select *
        from {{ ref("revenue_journal") }}
        where account_role = 'revenue' and reason = 'performance'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    posted as (
        select max(month) as month, max(closes_before) as closes_before from months
    ),

    held_contracts as (select contract_id from holds group by contract_id),

    latest as (
        select
            versions.*,
            row_number() over (
                partition by versions.obligation_key order by versions.version_no desc
            ) as recency_rank
        from versions
        cross join posted
        where versions.effective_on < posted.closes_before
    ),

    -- Less than a minor unit a day may be nothing for a month.
    running as (
        select latest.*, posted.month
        from latest
        cross join posted
        left join held_contracts on held_contracts.contract_id = latest.contract_id
        where
            latest.recency_rank = 1
            and latest.from_on < posted.closes_before
            and latest.goes_on_from < posted.closes_before
            and latest.ends_before > posted.month
            and latest.pool_minor
            >= {{ days_between("latest.from_on", "latest.ends_before") }}
            and held_contracts.contract_id is null
    ),

    silent as (
        select running.*
        from running
        left join
            journal
            on journal.obligation_key = running.obligation_key
            and journal.month = running.month
        where journal.obligation_key is null
    ),

    found as (
        select
            'salesforce:contract:' || silent.contract_id as record_key,
            silent.obligation_key as part,
            contracts.customer_id,
            'A running obligation of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' brought no revenue in the month' as subject,
            contracts.currency,
            silent.month as period,
            'subledger' as left_system,
            {{ amount_text("silent.pool_minor", "currencies.minor_per_major") }}
            || ' to recognize' as left_value,
            'journal' as right_system,
            'no entry' as right_value
        from silent
        inner join contracts using (contract_id)
        inner join currencies on currencies.currency = contracts.currency
        left join customers on customers.customer_id = contracts.customer_id
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
            ]
        )
    }}

with

    journal as (
        select *
        from {{ ref("revenue_journal") }}
        where account_role in ('deferred', 'contract_asset', 'unbilled')
    ),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    posted as (select max(month) as last_month from months),

    latest as (
        select
            obligation_key,
            ends_before,
            row_number() over (
                partition by obligation_key order by version_no desc
            ) as recency_rank
        from versions
    ),

    ends as (
        select
            obligations.contract_id,
            max(coalesce(latest.ends_before, obligations.ends_before)) as ends_before
        from obligations
        left join
            latest
            on latest.obligation_key = obligations.obligation_key
            and latest.recency_rank = 1
        group by obligations.contract_id
    ),

    -- A whole month was posted since the last day of the last term.
    ended as (
        select ends.contract_id, ends.ends_before
        from ends
        cross join posted
        where ends.ends_before <= posted.last_month
    ),

    left_over as (
        select
            journal.contract_id,
            journal.customer_id,
            journal.currency,
            ended.ends_before,
            cast(- sum(journal.amount_minor) as bigint) as deferred_minor
        from journal
        inner join ended using (contract_id)
        group by
            journal.contract_id,
            journal.customer_id,
            journal.currency,
            ended.ends_before
        having sum(journal.amount_minor) <> 0
    ),

    found as (
        select
            'salesforce:contract:' || left_over.contract_id as record_key,
            'contract:' || left_over.contract_id as grain_key,
            left_over.customer_id,
            'Contract '
            || left_over.contract_id
            || ' of '
            || {{ customer_name("customers.legal_name", "left_over.customer_id") }}
            || ' is over, and something of it is still deferred' as subject,
            left_over.currency,
            {{ first_of_month("left_over.ends_before") }} as period,
            'subledger' as left_system,
            '0' as left_value,
            'journal' as right_system,
            {{ amount_text("left_over.deferred_minor", "currencies.minor_per_major") }}
            as right_value,
            left_over.deferred_minor as difference_minor
        from left_over
        inner join currencies on currencies.currency = left_over.currency
        left join customers on customers.customer_id = left_over.customer_id
    )

    {{
        breaks(
            [
                "grain_key",
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

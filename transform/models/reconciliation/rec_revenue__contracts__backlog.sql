{% set deferring = "('deferred', 'contract_asset', 'unbilled', 'refund_liability')" %}

with

    agreements as (select * from {{ ref("bridge_agreements") }}),

    remaining as (select * from {{ ref("revenue_remaining_monthly") }}),

    journal as (select * from {{ ref("revenue_journal") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    -- What the subledger holds does not remain in it.
    held as (
        select agreements.agreement_id
        from {{ ref("revenue_holds") }} as holds
        inner join agreements using (contract_id)
        group by agreements.agreement_id
    ),

    contracts as (select * from {{ ref("contracts") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    newest as (select max(month) as month from {{ ref("revenue_journal") }}),

    -- What is used is promised without a sum, and is no part of what remains.
    amounts as (
        select
            agreements.agreement_id,
            remaining.remaining_minor,
            cast(0 as bigint) as deferred_minor,
            cast(0 as bigint) as backlog_minor
        from remaining
        inner join newest using (month)
        inner join agreements using (contract_id)

        union all

        select
            agreements.agreement_id,
            cast(0 as bigint) as remaining_minor,
            - journal.amount_minor as deferred_minor,
            cast(0 as bigint) as backlog_minor
        from journal
        inner join agreements using (contract_id)
        left join obligations using (obligation_key)
        where
            journal.account_role in {{ deferring }}
            and not coalesce(obligations.is_unconditional, false)

        union all

        select
            agreements.agreement_id,
            cast(0 as bigint) as remaining_minor,
            cast(0 as bigint) as deferred_minor,
            contract_values.amount_minor as backlog_minor
        from {{ ref("bridge_contract_values") }} as contract_values
        inner join agreements using (contract_id)

        union all

        select
            agreement_id,
            cast(0 as bigint) as remaining_minor,
            cast(0 as bigint) as deferred_minor,
            - amount_minor as backlog_minor
        from {{ ref("bridge_billed_lines") }}
        where kind = 'contracted'

        union all

        -- What a pause left out is never billed, once the contract is over.
        select
            agreement_id,
            cast(0 as bigint) as remaining_minor,
            cast(0 as bigint) as deferred_minor,
            - max(paused_minor) as backlog_minor
        from agreements
        where ends_on < {{ as_of() }}
        group by agreement_id
    ),

    compared as (
        select
            agreement_id,
            {{ sum_minor("remaining_minor") }} as remaining_minor,
            {{ sum_minor("deferred_minor + backlog_minor") }} as expected_minor
        from amounts
        group by agreement_id
    ),

    found as (
        select
            'salesforce:contract:' || contracts.contract_id as record_key,
            'contract:' || contracts.contract_id as grain_key,
            contracts.customer_id,
            'What remains of contract '
            || contracts.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' is not what is deferred and to be billed' as subject,
            contracts.currency,
            newest.month as period,
            'subledger' as left_system,
            {{ amount_text("compared.remaining_minor", "currencies.minor_per_major") }}
            as left_value,
            'contracts' as right_system,
            {{ amount_text("compared.expected_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.remaining_minor - compared.expected_minor as difference_minor
        from compared
        cross join newest
        inner join contracts on contracts.contract_id = compared.agreement_id
        inner join currencies on currencies.currency = contracts.currency
        left join customers on customers.customer_id = contracts.customer_id
        left join held on held.agreement_id = compared.agreement_id
        where
            compared.remaining_minor <> compared.expected_minor
            and held.agreement_id is null
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

with

    holds as (select * from {{ ref("revenue_holds") }}),

    contracts as (select * from {{ ref("contracts") }}),

    modifications as (select * from {{ ref("contract_modifications") }}),

    orders as (select * from {{ ref("orders") }}),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    undecided as (
        select contract_id, min({{ utc_date("recorded_at") }}) as recorded_on
        from modifications
        where treatment is null or decided_by is null
        group by contract_id
    ),

    -- Held since the change that nobody decided became known, or since the contract
    -- began.
    dated as (
        select
            holds.contract_id,
            holds.reason,
            holds.held_minor,
            contracts.customer_id,
            contracts.currency,
            case
                when holds.reason in ('treatment_missing', 'decision_missing')
                then coalesce(undecided.recorded_on, contracts.starts_on)
                else contracts.starts_on
            end as held_since
        from holds
        inner join contracts using (contract_id)
        left join undecided using (contract_id)
    ),

    found as (
        select
            'salesforce:contract:' || dated.contract_id as record_key,
            dated.reason as part,
            'contract:' || dated.contract_id as grain_key,
            dated.customer_id,
            'Revenue of contract '
            || dated.contract_id
            || ' of '
            || {{ customer_name("customers.legal_name", "dated.customer_id") }}
            || ' is held since '
            || {{ iso_day("dated.held_since") }}
            || ': '
            || replace(dated.reason, '_', ' ') as subject,
            dated.currency,
            {{ first_of_month("dated.held_since") }} as period,
            'contracts' as left_system,
            {{ amount_text("dated.held_minor", "currencies.minor_per_major") }}
            as left_value,
            'subledger' as right_system,
            dated.reason as right_value,
            dated.held_minor as difference_minor
        from dated
        inner join currencies on currencies.currency = dated.currency
        left join customers on customers.customer_id = dated.customer_id
        -- An organisation without orders has no revenue by contract to hold.
        where
            {{ days_between("dated.held_since", as_of()) }} > 30
            and exists (select 1 from orders)
    )

    {{
        breaks(
            [
                "part",
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

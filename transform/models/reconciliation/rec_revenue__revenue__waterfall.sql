with

    waterfall as (select * from {{ ref("revenue_waterfall") }}),

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    units as (select * from {{ ref("revenue_units") }}),

    numbered as (select * from {{ ref("revenue_versions") }}),

    months as (select * from {{ ref("revenue_months") }} where is_posted),

    contracts as (select * from {{ ref("revenue_contracts") }}),

    journal as (
        select *
        from {{ ref("revenue_journal") }}
        where account_role = 'revenue' and reason = 'performance'
    ),

    currencies as (select * from {{ ref("currencies") }}),

    customers as (select * from {{ ref("customers") }}),

    -- All of these is planned: by the calendar, or because all of it was performed.
    whole as (
        select obligation_key
        from versions
        where method in ('daily', 'month_even', 'month_prorated')
        union
        select obligation_key
        from units
        where is_complete or units >= promised_units
    ),

    -- What the versions in force at a month's end recognize in all.
    planned as (
        select
            versions.contract_id,
            months.month,
            {{ sum_minor("versions.base_minor + versions.pool_minor") }}
            as planned_minor
        from versions
        inner join whole using (obligation_key)
        inner join numbered using (accounting_contract_id, version_no)
        inner join
            months
            on numbered.effective_on < months.closes_before
            and coalesce(numbered.replaced_on, months.closes_before)
            >= months.closes_before
        group by versions.contract_id, months.month
    ),

    earned as (
        select
            journal.contract_id,
            journal.month,
            {{ sum_minor("- journal.amount_minor") }} as earned_minor
        from journal
        inner join whole using (obligation_key)
        group by journal.contract_id, journal.month
    ),

    columns_of_months as (
        select
            contract_id,
            known_month as month,
            {{ sum_minor("planned_minor") }} as waterfall_minor
        from waterfall
        group by contract_id, known_month
    ),

    compared as (
        select
            planned.contract_id,
            planned.month,
            planned.planned_minor - cast(
                sum(coalesce(earned.earned_minor, 0)) over (
                    partition by planned.contract_id order by planned.month
                ) as bigint
            ) as scheduled_minor,
            coalesce(columns_of_months.waterfall_minor, 0) as waterfall_minor
        from planned
        left join earned using (contract_id, month)
        left join columns_of_months using (contract_id, month)
    ),

    found as (
        select
            'salesforce:contract:' || compared.contract_id as record_key,
            {{ iso_day("compared.month") }} as part,
            contracts.customer_id,
            'The waterfall of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' does not sum to what was left to recognize then' as subject,
            contracts.currency,
            compared.month as period,
            'subledger' as left_system,
            {{ amount_text("compared.scheduled_minor", "currencies.minor_per_major") }}
            as left_value,
            'waterfall' as right_system,
            {{ amount_text("compared.waterfall_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.scheduled_minor - compared.waterfall_minor as difference_minor
        from compared
        inner join contracts using (contract_id)
        inner join currencies on currencies.currency = contracts.currency
        left join customers on customers.customer_id = contracts.customer_id
        where compared.scheduled_minor <> compared.waterfall_minor
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

with

    versions as (select * from {{ ref("revenue_obligation_versions") }}),

    schedules as (select * from {{ ref("revenue_schedules") }}),

    holds as (select * from {{ ref("revenue_holds") }}),

    contracts as (select * from {{ ref("contracts") }}),

    currencies as (select * from {{ ref("currencies") }}),

    held_contracts as (select contract_id from holds group by contract_id),

    scheduled as (
        select
            obligation_key,
            version_no,
            {{ sum_minor("planned_minor") }} as planned_minor
        from schedules
        group by obligation_key, version_no
    ),

    -- What was recognized before a version, less what was taken back of it, and what
    -- the version plans.
    compared as (
        select
            versions.contract_id,
            versions.obligation_id,
            versions.version_no,
            versions.effective_on,
            versions.allocated_minor,
            versions.recognized_before_minor
            - versions.contra_minor
            + coalesce(scheduled.planned_minor, 0) as scheduled_minor
        from versions
        left join scheduled using (obligation_key, version_no)
        left join held_contracts on held_contracts.contract_id = versions.contract_id
        where held_contracts.contract_id is null
    ),

    found as (
        select
            'salesforce:contract:' || compared.contract_id as record_key,
            contracts.customer_id,
            compared.obligation_id
            || ':'
            || cast(compared.version_no as {{ dbt.type_string() }}) as part,
            'Schedule '
            || cast(compared.version_no as {{ dbt.type_string() }})
            || ' of obligation '
            || compared.obligation_id
            || ' is not what is allocated to it' as subject,
            contracts.currency,
            {{ first_of_month("compared.effective_on") }} as period,
            'schedule' as left_system,
            {{ amount_text("compared.scheduled_minor", "currencies.minor_per_major") }}
            as left_value,
            'allocation' as right_system,
            {{ amount_text("compared.allocated_minor", "currencies.minor_per_major") }}
            as right_value,
            compared.scheduled_minor - compared.allocated_minor as difference_minor
        from compared
        inner join contracts using (contract_id)
        inner join currencies using (currency)
        where compared.scheduled_minor <> compared.allocated_minor
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

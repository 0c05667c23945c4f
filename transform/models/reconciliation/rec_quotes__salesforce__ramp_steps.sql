with
    quote_lines as (
        select * from {{ ref("quote_lines") }} where ramp_sequence is not null
    ),
    lines as (
        select * from {{ ref("stg_salesforce__subscriptions") }} where not is_deleted
    ),
    contracts as (select * from {{ ref("contracts") }}),
    customers as (select * from {{ ref("customers") }}),
    steps as (
        select
            quote_lines.customer_id,
            lines.salesforce_contract_id,
            lines.starts_on,
            lag(lines.ends_on) over (
                partition by quote_lines.quote_id, quote_lines.product_id
                order by quote_lines.ramp_sequence
            ) as former_ends_on,
            lag(lines.salesforce_subscription_id) over (
                partition by quote_lines.quote_id, quote_lines.product_id
                order by quote_lines.ramp_sequence
            ) as former_id
        from lines
        inner join
            quote_lines on quote_lines.quote_line_id = lines.salesforce_quote_line_id
    ),
    found as (

        select
            'salesforce:sbqq__subscription__c:' || steps.former_id as record_key,
            'contract:' || steps.salesforce_contract_id as grain_key,
            steps.customer_id,
            'The steps of the ramp of '
            || {{ customer_name("customers.legal_name", "steps.customer_id") }}
            || ' do not follow each other' as subject,
            'salesforce' as left_system,
            {{ iso_day("steps.former_ends_on") }} as left_value,
            'salesforce' as right_system,
            {{ iso_day("steps.starts_on") }} as right_value
        from steps
        inner join contracts on contracts.contract_id = steps.salesforce_contract_id
        left join customers on customers.customer_id = steps.customer_id
        where
            steps.former_ends_on < contracts.ends_on
            and steps.starts_on <> {{ add_days("steps.former_ends_on", 1) }}

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
            ]
        )
    }}

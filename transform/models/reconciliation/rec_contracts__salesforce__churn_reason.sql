with
    contracts as (select * from {{ ref("contracts") }}),
    stg_salesforce__contracts as (select * from {{ ref("stg_salesforce__contracts") }}),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:contract:' || contracts.contract_id as record_key,
            'contract:' || contracts.contract_id as grain_key,
            contracts.customer_id,
            {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' ended contract '
            || contracts.contract_number
            || ' and nobody wrote down why' as subject,
            'salesforce' as left_system,
            contracts.status as left_value,
            'salesforce' as right_system,
            records.cancel_reason as right_value
        from contracts
        inner join stg_salesforce__contracts as records using (salesforce_contract_id)
        left join customers on customers.customer_id = contracts.customer_id
        where contracts.status = 'terminated' and records.cancel_reason is null

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

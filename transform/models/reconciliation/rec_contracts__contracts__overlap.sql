with

    contracts as (select * from {{ ref("contracts") }}),

    salesforce as (select * from {{ ref("stg_salesforce__contracts") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            'salesforce:contract:' || contracts.contract_id as record_key,
            contracts.customer_id,
            {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' has contract '
            || contracts.contract_number
            || ' beside contract '
            || masters.contract_number
            || ' for the same product at the same time' as subject,
            contracts.currency,
            contracts.starts_on as period,
            'salesforce' as left_system,
            contracts.contract_number as left_value,
            'salesforce' as right_system,
            masters.contract_number as right_value,
            'salesforce' as target_system,
            'Contract' as target_object,
            contracts.contract_id as target_record_id,
            'Master_Contract__c' as target_field,
            contracts.master_contract_id as proposed_value
        from contracts
        inner join
            salesforce on salesforce.salesforce_contract_id = contracts.contract_id
        inner join
            contracts as masters on masters.contract_id = contracts.master_contract_id
        left join customers on customers.customer_id = contracts.customer_id
        where salesforce.master_contract_id is null
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

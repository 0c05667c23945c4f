with
    contracts as (select * from {{ ref("contracts") }}),
    lines as (
        select * from {{ ref("stg_salesforce__subscriptions") }} where not is_deleted
    ),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'salesforce:sbqq__subscription__c:'
            || lines.salesforce_subscription_id as record_key,
            'contract:' || contracts.contract_id as grain_key,
            contracts.customer_id,
            'A line of contract '
            || contracts.contract_number
            || ' of '
            || {{ customer_name("customers.legal_name", "contracts.customer_id") }}
            || ' ends after it' as subject,
            'salesforce' as left_system,
            {{ iso_day("contracts.ends_on") }} as left_value,
            'salesforce' as right_system,
            {{ iso_day("lines.ends_on") }} as right_value,
            'salesforce' as target_system,
            'SBQQ__Subscription__c' as target_object,
            lines.salesforce_subscription_id as target_record_id,
            'SBQQ__SubscriptionEndDate__c' as target_field,
            {{ iso_day("contracts.ends_on") }} as proposed_value
        from lines
        inner join contracts on contracts.contract_id = lines.salesforce_contract_id
        left join customers on customers.customer_id = contracts.customer_id
        where lines.ends_on > contracts.ends_on

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
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
            ]
        )
    }}

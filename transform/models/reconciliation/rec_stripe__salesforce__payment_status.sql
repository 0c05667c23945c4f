with

    customers as (select * from {{ ref("customers") }}),

    accounts as (select * from {{ ref("stg_salesforce__accounts") }}),

    found as (
        select
            'salesforce:account:' || customers.salesforce_account_id as record_key,
            customers.customer_id,
            {{ customer_name("customers.legal_name", "customers.customer_id") }}
            || ' is '
            || replace(customers.payment_status, '_', ' ')
            || ' in billing and '
            || coalesce(replace(accounts.payment_status, '_', ' '), 'unknown')
            || ' in the CRM' as subject,
            'stripe' as left_system,
            customers.payment_status as left_value,
            'salesforce' as right_system,
            accounts.payment_status as right_value,
            'salesforce' as target_system,
            'Account' as target_object,
            customers.salesforce_account_id as target_record_id,
            'Payment_Status__c' as target_field,
            customers.payment_status as proposed_value
        from customers
        inner join accounts using (salesforce_account_id)
        where
            customers.payment_status is not null
            and customers.payment_status is distinct from accounts.payment_status
    )

    {{
        breaks(
            [
                "customer_id",
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

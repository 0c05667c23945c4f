with

    customers as (select * from {{ ref("customers") }}),

    contracts as (select * from {{ ref("contracts") }}),

    signed as (select customer_id from contracts group by customer_id),

    found as (
        select
            'salesforce:account:' || customers.salesforce_account_id as record_key,
            customers.customer_id,
            {{ customer_name("customers.legal_name", "customers.customer_id") }}
            || ' signed a contract and is no customer in the ERP' as subject,
            'salesforce' as left_system,
            customers.salesforce_account_id as left_value,
            'erp' as right_system
        from customers
        inner join signed on signed.customer_id = customers.customer_id
        where
            customers.netsuite_customer_id is null
            and customers.business_central_customer_id is null
            and customers.tryton_party_id is null
    )

    {{ breaks(["customer_id", "left_system", "left_value", "right_system"]) }}

with

    records as (select * from {{ ref("customer_records") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            records.record_key,
            records.customer_id,
            {{ customer_name("customers.legal_name", "records.customer_id") }}
            || ' is a '
            || records.object
            || ' in '
            || records.system
            || ' and no account in salesforce' as subject,
            records.system as left_system,
            records.record_id as left_value,
            'salesforce' as right_system
        from records
        inner join customers using (customer_id)
        where
            -- Marketing knows companies long before sales makes an account of one.
            records.system not in ('salesforce', 'hubspot')
            and customers.salesforce_account_id is null
    )

    {{ breaks(["customer_id", "left_system", "left_value", "right_system"]) }}

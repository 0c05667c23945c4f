with

    customers as (select * from {{ ref("customers") }}),

    billing as (select * from {{ ref("stg_stripe__customers") }} where not is_deleted),

    accounts as (select * from {{ ref("int_accounts__linked") }}),

    netsuite as (
        select * from {{ ref("int_erp__customers") }} where erp_system = 'netsuite'
    ),

    stated as (
        select
            netsuite.record_key,
            netsuite.customer_id,
            'currency' as part,
            'stripe' as left_system,
            billing.currency as left_value,
            netsuite.currency as right_value
        from netsuite
        inner join customers using (customer_id)
        inner join billing on billing.stripe_customer_id = customers.stripe_customer_id

        union all

        select
            netsuite.record_key,
            netsuite.customer_id,
            'subsidiary' as part,
            'salesforce' as left_system,
            accounts.legal_entity_code as left_value,
            netsuite.legal_entity_code as right_value
        from netsuite
        inner join customers using (customer_id)
        inner join
            accounts on accounts.salesforce_account_id = customers.salesforce_account_id
    ),

    found as (
        select
            stated.*,
            {{ customer_name("customers.legal_name", "stated.customer_id") }}
            || ' is '
            || case part when 'currency' then 'billed in ' else 'a customer of ' end
            || stated.left_value
            || ' and kept in '
            || case part when 'currency' then '' else 'the books of ' end
            || stated.right_value
            || ' in the ERP' as subject,
            'netsuite' as right_system
        from stated
        inner join customers using (customer_id)
        where stated.left_value <> stated.right_value
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}

with
    customers as (select * from {{ ref("customers") }}),
    billing as (select * from {{ ref("stg_stripe__customers") }} where not is_deleted),
    netsuite as (
        select * from {{ ref("stg_netsuite__customers") }} where not is_deleted
    ),
    found as (

        select
            'netsuite:customer:' || netsuite.netsuite_customer_id as record_key,
            customers.customer_id,
            {{ customer_name("customers.legal_name", "customers.customer_id") }}
            || ' is billed in '
            || billing.currency
            || ' and kept in '
            || netsuite.currency
            || ' in the ERP' as subject,
            'stripe' as left_system,
            billing.currency as left_value,
            'netsuite' as right_system,
            netsuite.currency as right_value
        from customers
        inner join netsuite using (netsuite_customer_id)
        inner join billing on billing.stripe_customer_id = customers.stripe_customer_id
        where netsuite.currency <> billing.currency

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
            ]
        )
    }}

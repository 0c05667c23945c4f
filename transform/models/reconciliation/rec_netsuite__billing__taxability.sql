with

    customers as (select * from {{ ref("customers") }}),

    erp_customers as (select * from {{ ref("int_erp__taxability") }}),

    stripe as (select * from {{ ref("stg_stripe__customers") }} where not is_deleted),

    chargebee as (
        select * from {{ ref("stg_chargebee__customers") }} where not is_deleted
    ),

    -- Who owes the tax himself is neither exempt nor taxed: that is not compared.
    billed as (
        select
            'stripe' as billing_system,
            'netsuite' as erp_system,
            customers.customer_id,
            stripe.tax_exempt = 'none' as is_taxable
        from customers
        inner join stripe using (stripe_customer_id)
        where stripe.tax_exempt in ('none', 'exempt')

        union all

        select
            'chargebee' as billing_system,
            'business_central' as erp_system,
            customers.customer_id,
            chargebee.taxability = 'taxable' as is_taxable
        from customers
        inner join chargebee using (chargebee_customer_id)
        where chargebee.taxability in ('taxable', 'exempt')
    ),

    found as (
        select
            erp_customers.record_key,
            billed.customer_id,
            {{ customer_name("customers.legal_name", "billed.customer_id") }}
            || ' is '
            || case when billed.is_taxable then 'taxed' else 'exempt from tax' end
            || ' in billing and not in the ERP' as subject,
            billed.billing_system as left_system,
            case when billed.is_taxable then 'taxable' else 'exempt' end as left_value,
            erp_customers.erp_system as right_system,
            case
                when erp_customers.is_taxable then 'taxable' else 'exempt'
            end as right_value
        from billed
        inner join
            erp_customers
            on erp_customers.customer_id = billed.customer_id
            and erp_customers.erp_system = billed.erp_system
        inner join customers on customers.customer_id = billed.customer_id
        where billed.is_taxable <> erp_customers.is_taxable
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

with
    charges as (select * from {{ ref("usage_charges") }} where invoice_id is not null),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            charges.billing_system || ':invoice:' || charges.invoice_id as record_key,
            charges.meter_id as part,
            charges.customer_id,
            {{ customer_name("customers.legal_name", "charges.customer_id") }}
            || ' was billed more units than it used' as subject,
            charges.currency,
            charges.billing_system as left_system,
            cast(charges.used_quantity as {{ dbt.type_string() }}) as left_value,
            charges.billing_system as right_system,
            cast(charges.invoiced_quantity as {{ dbt.type_string() }}) as right_value,
            charges.amount_minor - charges.invoiced_minor as difference_minor
        from charges
        left join customers on customers.customer_id = charges.customer_id
        where charges.invoiced_quantity > charges.used_quantity

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "part",
                "currency",
                "difference_minor",
            ]
        )
    }}

with

    adjustments as (select * from {{ ref("usage_adjustments") }}),

    invoices as (select * from {{ ref("invoices") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            'stripe:invoice:' || adjustments.invoice_id as record_key,
            adjustments.customer_id,
            adjustments.stripe_meter_id as part,
            {{ customer_name("customers.legal_name", "adjustments.customer_id") }}
            || ' used '
            || cast(adjustments.quantity_late as {{ dbt.type_string() }})
            || ' units that invoice '
            || invoices.number
            || ' does not bill'
            || case
                when adjustments.amount_minor is null
                then ', at a price that a person must look up'
                else ''
            end as subject,
            adjustments.currency,
            {{ first_of_month("invoices.issued_on") }} as period,
            'stripe meters' as left_system,
            cast(adjustments.used_quantity as {{ dbt.type_string() }}) as left_value,
            'stripe invoices' as right_system,
            cast(
                adjustments.used_quantity
                - adjustments.quantity_late as {{ dbt.type_string() }}
            ) as right_value,
            adjustments.amount_minor as difference_minor,
            'stripe' as target_system,
            'invoiceitem' as target_object,
            adjustments.adjustment_id as target_record_id,
            'amount' as target_field,
            cast(adjustments.amount_minor as {{ dbt.type_string() }}) as proposed_value,
            case
                when adjustments.amount_minor is null then 'T' else 'A'
            end as push_class
        from adjustments
        inner join invoices using (invoice_id)
        left join customers on customers.customer_id = adjustments.customer_id
        where adjustments.stripe_invoice_item_id is null
    )

    {{
        breaks(
            [
                "customer_id",
                "part",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
                "target_system",
                "target_object",
                "target_record_id",
                "target_field",
                "proposed_value",
                "push_class",
            ]
        )
    }}

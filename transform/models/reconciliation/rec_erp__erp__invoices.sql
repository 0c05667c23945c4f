with
    erp_invoices as (
        select * from {{ ref("int_erp__invoices") }} where status <> 'void'
    ),
    central as (
        select *
        from {{ ref("stg_business_central__sales_invoices") }}
        where not is_deleted and status <> 'Canceled'
    ),
    invoices as (select * from {{ ref("invoices") }}),
    customers as (select * from {{ ref("customers") }}),
    held as (
        select erp_system, erp_invoice_id, number
        from erp_invoices
        union all
        select
            'business_central' as erp_system,
            business_central_invoice_id as erp_invoice_id,
            external_document_number as number
        from central
    ),
    posted as (
        select
            erp_system,
            number,
            max(erp_invoice_id) as erp_invoice_id,
            count(*) as copies
        from held
        group by erp_system, number
    ),
    -- A number that billing gave twice is B07's.
    numbered as (
        select number, max(invoice_id) as invoice_id
        from invoices
        group by number
        having count(*) = 1
    ),
    found as (

        select
            posted.erp_system || ':invoice:' || posted.erp_invoice_id as record_key,
            'invoice:' || invoices.invoice_id as grain_key,
            invoices.customer_id,
            'Invoice '
            || posted.number
            || ' of '
            || {{ customer_name("customers.legal_name", "invoices.customer_id") }}
            || ' is posted '
            || cast(posted.copies as {{ dbt.type_string() }})
            || ' times in '
            || posted.erp_system as subject,
            invoices.currency,
            invoices.billing_system as left_system,
            '1' as left_value,
            posted.erp_system as right_system,
            cast(posted.copies as {{ dbt.type_string() }}) as right_value,
            invoices.total_minor * (1 - posted.copies) as difference_minor
        from posted
        inner join numbered using (number)
        inner join invoices using (invoice_id)
        left join customers on customers.customer_id = invoices.customer_id
        where posted.copies > 1

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
                "currency",
                "difference_minor",
            ]
        )
    }}

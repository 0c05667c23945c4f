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
    posted as (
        select erp_system, erp_invoice_id, number, issued_on as posted_on
        from erp_invoices
        union all
        select
            'business_central' as erp_system,
            business_central_invoice_id as erp_invoice_id,
            external_document_number as number,
            cast({{ json_text("record", ["postingDate"]) }} as date) as posted_on
        from central
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
            || invoices.number
            || ' of '
            || {{ customer_name("customers.legal_name", "invoices.customer_id") }}
            || ' is posted in another month in '
            || posted.erp_system as subject,
            invoices.currency,
            {{ first_of_month("invoices.issued_on") }} as period,
            invoices.billing_system as left_system,
            {{ iso_day("invoices.issued_on") }} as left_value,
            posted.erp_system as right_system,
            {{ iso_day("posted.posted_on") }} as right_value,
            invoices.total_minor as difference_minor
        from posted
        inner join numbered using (number)
        inner join invoices using (invoice_id)
        left join customers on customers.customer_id = invoices.customer_id
        where
            {{ first_of_month("posted.posted_on") }}
            <> {{ first_of_month("coalesce(invoices.posts_on, invoices.issued_on)") }}

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
                "period",
                "difference_minor",
            ]
        )
    }}

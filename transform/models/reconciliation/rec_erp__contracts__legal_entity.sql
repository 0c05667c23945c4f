with

    entries as (
        select *
        from {{ ref("gl_entries") }}
        where invoice_id is not null and document_type = 'Invoice'
    ),

    invoices as (select * from {{ ref("invoices") }} where status <> 'void'),

    customers as (select * from {{ ref("customers") }}),

    posted as (
        select
            erp_system,
            document_id,
            invoice_id,
            min(legal_entity_code) as legal_entity_code
        from entries
        group by erp_system, document_id, invoice_id
    ),

    found as (
        select
            posted.erp_system || ':invoice:' || posted.document_id as record_key,
            'invoice:' || invoices.invoice_id as grain_key,
            invoices.customer_id,
            'Invoice '
            || invoices.number
            || ' of '
            || {{ customer_name("customers.legal_name", "invoices.customer_id") }}
            || ' is in the books of '
            || posted.legal_entity_code
            || ' and was sold by '
            || invoices.legal_entity_code as subject,
            invoices.currency,
            {{ first_of_month("invoices.issued_on") }} as period,
            invoices.billing_system as left_system,
            invoices.legal_entity_code as left_value,
            posted.erp_system as right_system,
            posted.legal_entity_code as right_value,
            invoices.total_minor as difference_minor
        from posted
        inner join invoices using (invoice_id)
        left join customers on customers.customer_id = invoices.customer_id
        where posted.legal_entity_code <> invoices.legal_entity_code
    )

    {{
        breaks(
            [
                "grain_key",
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "difference_minor",
            ]
        )
    }}

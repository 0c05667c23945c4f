with

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    invoices as (
        select * from {{ ref("invoices") }} where billing_system = 'chargebee'
    ),

    central as (
        select *
        from {{ ref("stg_business_central__sales_invoices") }}
        where not is_deleted and status <> 'Canceled'
    ),

    -- A number that stands for several invoices is B04's or B07's.
    posted as (
        select external_document_number as number, max(total_amount) as total_amount
        from central
        group by external_document_number
        having count(*) = 1
    ),

    numbered as (
        select number, max(invoice_id) as invoice_id
        from invoices
        group by number
        having count(*) = 1
    ),

    totals as (
        select
            'stripe' as billing_system,
            invoice_id,
            erp_system,
            customer_id,
            number,
            currency,
            issued_on,
            total_minor,
            erp_total_minor
        from expected
        union all
        select
            invoices.billing_system,
            invoices.invoice_id,
            'business_central' as erp_system,
            invoices.customer_id,
            invoices.number,
            invoices.currency,
            invoices.issued_on,
            invoices.total_minor,
            {{ to_minor("posted.total_amount", "currencies.minor_per_major") }}
            as erp_total_minor
        from invoices
        inner join numbered on numbered.invoice_id = invoices.invoice_id
        inner join posted on posted.number = invoices.number
        inner join currencies on currencies.currency = invoices.currency
    ),

    found as (
        select
            totals.billing_system || ':invoice:' || totals.invoice_id as record_key,
            'invoice:' || totals.invoice_id as grain_key,
            totals.customer_id,
            totals.erp_system as part,
            'Invoice '
            || totals.number
            || ' of '
            || {{ customer_name("customers.legal_name", "totals.customer_id") }}
            || ' has another total in '
            || totals.erp_system as subject,
            totals.currency,
            {{ first_of_month("totals.issued_on") }} as period,
            totals.billing_system as left_system,
            {{ amount_text("totals.total_minor", "currencies.minor_per_major") }}
            as left_value,
            totals.erp_system as right_system,
            {{ amount_text("totals.erp_total_minor", "currencies.minor_per_major") }}
            as right_value,
            totals.total_minor - totals.erp_total_minor as difference_minor
        from totals
        left join customers on customers.customer_id = totals.customer_id
        left join currencies on currencies.currency = totals.currency
        where totals.total_minor <> totals.erp_total_minor
    )

    {{
        breaks(
            [
                "customer_id",
                "grain_key",
                "part",
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

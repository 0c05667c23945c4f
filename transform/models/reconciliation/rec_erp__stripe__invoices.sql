with

    erp_invoices as (select * from {{ ref("int_erp__invoices") }}),

    invoices as (
        select * from {{ ref("int_invoices__issued") }} where billing_system = 'stripe'
    ),

    records as (select * from {{ ref("customer_records") }}),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            erp_invoices.erp_system
            || ':invoice:'
            || erp_invoices.erp_invoice_id as record_key,
            records.customer_id,
            'Invoice '
            || coalesce(erp_invoices.number, erp_invoices.erp_invoice_id)
            || ' in '
            || erp_invoices.erp_system
            || ' has no invoice in billing' as subject,
            erp_invoices.currency,
            {{ first_of_month("erp_invoices.issued_on") }} as period,
            erp_invoices.erp_system as left_system,
            {{ amount_text("erp_invoices.total_minor", "currencies.minor_per_major") }}
            as left_value,
            'stripe' as right_system,
            erp_invoices.total_minor as difference_minor
        from erp_invoices
        left join invoices on invoices.invoice_id = erp_invoices.stripe_invoice_id
        left join
            records
            on records.system = erp_invoices.erp_system
            and records.record_id = erp_invoices.erp_customer_id
        left join currencies on currencies.currency = erp_invoices.currency
        where invoices.invoice_id is null and erp_invoices.status <> 'void'
    )

    {{
        breaks(
            [
                "customer_id",
                "currency",
                "period",
                "left_system",
                "left_value",
                "right_system",
                "difference_minor",
            ]
        )
    }}

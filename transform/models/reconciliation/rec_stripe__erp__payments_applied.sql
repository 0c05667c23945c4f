with

    payments as (select * from {{ ref("payments") }}),

    invoice_payments as (
        select * from {{ ref("stg_stripe__invoice_payments") }} where not is_deleted
    ),

    records as (select * from {{ ref("customer_records") }}),

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    erp_payments as (select * from {{ ref("int_erp__payments") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- Only NetSuite delivers payments. It is asked as soon as it has customers: one
    -- without any payment has applied none.
    answering as (
        select system as erp_system
        from records
        where system = 'netsuite'
        group by system
    ),

    paid as (
        select
            stripe_payment_id,
            stripe_invoice_id,
            {{ sum_minor("paid_minor") }} as applied_minor
        from invoice_payments
        where status = 'paid'
        group by stripe_payment_id, stripe_invoice_id
    ),

    applied as (
        select
            erp_system,
            stripe_payment_id,
            stripe_invoice_id,
            {{ sum_minor("applied_minor") }} as erp_applied_minor
        from erp_payments
        group by erp_system, stripe_payment_id, stripe_invoice_id
    ),

    compared as (
        select
            payments.payment_id,
            payments.customer_id,
            payments.currency,
            payments.paid_on,
            paid.applied_minor,
            expected.invoice_id,
            expected.erp_system,
            expected.erp_invoice_id,
            expected.number,
            coalesce(applied.erp_applied_minor, 0) as erp_applied_minor
        from payments
        inner join paid on paid.stripe_payment_id = payments.payment_id
        inner join expected on expected.invoice_id = paid.stripe_invoice_id
        inner join answering on answering.erp_system = expected.erp_system
        left join
            applied
            on applied.stripe_payment_id = paid.stripe_payment_id
            and applied.stripe_invoice_id = paid.stripe_invoice_id
            and applied.erp_system = expected.erp_system
    ),

    found as (
        select
            'stripe:payment:' || compared.payment_id as record_key,
            'invoice:' || compared.invoice_id as grain_key,
            compared.customer_id,
            compared.erp_system || ':' || compared.invoice_id as part,
            'The payment of invoice '
            || compared.number
            || ' by '
            || {{ customer_name("customers.legal_name", "compared.customer_id") }}
            || ' is not applied in '
            || compared.erp_system as subject,
            compared.currency,
            {{ first_of_month("compared.paid_on") }} as period,
            'stripe' as left_system,
            {{ amount_text("compared.applied_minor", "currencies.minor_per_major") }}
            as left_value,
            compared.erp_system as right_system,
            {{
                amount_text(
                    "compared.erp_applied_minor", "currencies.minor_per_major"
                )
            }} as right_value,
            compared.applied_minor - compared.erp_applied_minor as difference_minor,
            case
                when compared.erp_invoice_id is null then 'known_exception'
            end as explained_by
        from compared
        left join customers on customers.customer_id = compared.customer_id
        left join currencies on currencies.currency = compared.currency
        where compared.applied_minor <> compared.erp_applied_minor
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
                "explained_by",
            ]
        )
    }}

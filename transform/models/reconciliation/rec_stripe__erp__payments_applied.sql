with

    payments as (select * from {{ ref("payments") }} where applied_minor <> 0),

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    erp_payments as (select * from {{ ref("int_erp__payments") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    -- An ERP that delivers no payments cannot be asked about them.
    answering as (select erp_system from erp_payments group by erp_system),

    applied as (
        select
            erp_system,
            stripe_payment_id,
            {{ sum_minor("applied_minor") }} as erp_applied_minor
        from erp_payments
        where stripe_payment_id is not null
        group by erp_system, stripe_payment_id
    ),

    compared as (
        select
            payments.*,
            expected.erp_system,
            expected.erp_invoice_id,
            expected.number,
            coalesce(applied.erp_applied_minor, 0) as erp_applied_minor
        from payments
        inner join expected on expected.invoice_id = payments.invoice_id
        inner join answering on answering.erp_system = expected.erp_system
        left join
            applied
            on applied.stripe_payment_id = payments.payment_id
            and applied.erp_system = expected.erp_system
    ),

    found as (
        select
            'stripe:payment:' || compared.payment_id as record_key,
            compared.customer_id,
            compared.erp_system as part,
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

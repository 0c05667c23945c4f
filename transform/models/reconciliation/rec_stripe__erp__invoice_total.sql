with

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            'stripe:invoice:' || expected.invoice_id as record_key,
            'invoice:' || expected.invoice_id as grain_key,
            expected.customer_id,
            expected.erp_system as part,
            'Invoice '
            || expected.number
            || ' of '
            || {{ customer_name("customers.legal_name", "expected.customer_id") }}
            || ' has another total in '
            || expected.erp_system as subject,
            expected.currency,
            {{ first_of_month("expected.issued_on") }} as period,
            'stripe' as left_system,
            {{ amount_text("expected.total_minor", "currencies.minor_per_major") }}
            as left_value,
            expected.erp_system as right_system,
            {{ amount_text("expected.erp_total_minor", "currencies.minor_per_major") }}
            as right_value,
            expected.total_minor - expected.erp_total_minor as difference_minor
        from expected
        left join customers on customers.customer_id = expected.customer_id
        left join currencies on currencies.currency = expected.currency
        where expected.total_minor <> expected.erp_total_minor
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

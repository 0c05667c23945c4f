with

    expected as (select * from {{ ref("int_erp__expected_invoices") }}),

    customers as (select * from {{ ref("customers") }}),

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
            || ' is '
            || expected.status
            || ' in billing and '
            || coalesce(expected.erp_status, 'missing')
            || ' in '
            || expected.erp_system as subject,
            expected.currency,
            {{ first_of_month("expected.issued_on") }} as period,
            'stripe' as left_system,
            expected.status as left_value,
            expected.erp_system as right_system,
            expected.erp_status as right_value,
            -- B01 already says that it is missing.
            case
                when expected.erp_invoice_id is null then 'known_exception'
            end as explained_by
        from expected
        left join customers on customers.customer_id = expected.customer_id
        where
            expected.status is distinct from expected.erp_status
            and (expected.erp_invoice_id is not null or expected.status <> 'void')
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
                "explained_by",
            ]
        )
    }}

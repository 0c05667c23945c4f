with

    expected as (select * from {{ ref("expected_postings") }}),

    customers as (select * from {{ ref("customers") }}),

    found as (
        select
            expected.billing_system || ':invoice:' || expected.invoice_id as record_key,
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
            expected.billing_system as left_system,
            expected.status as left_value,
            expected.erp_system as right_system,
            expected.erp_status as right_value,
            -- What is void in one of the two only is in the totals of the other.
            case
                when expected.status = 'void'
                then - expected.erp_total_minor
                when expected.erp_status = 'void'
                then expected.total_minor
            end as difference_minor,
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
                "difference_minor",
                "explained_by",
            ]
        )
    }}

with

    expected as (select * from {{ ref("expected_postings") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

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
            || ' is not posted in '
            || expected.erp_system as subject,
            expected.currency,
            {{ first_of_month("expected.issued_on") }} as period,
            expected.billing_system as left_system,
            {{ amount_text("expected.total_minor", "currencies.minor_per_major") }}
            as left_value,
            expected.erp_system as right_system,
            expected.total_minor as difference_minor,
            expected.erp_system as target_system,
            'invoice' as target_object,
            expected.invoice_id as target_record_id,
            -- Into Business Central nobody posts but people.
            case
                when
                    expected.is_customer_known
                    and expected.erp_system <> 'business_central'
                then 'A'
                else 'T'
            end as push_class
        from expected
        left join customers on customers.customer_id = expected.customer_id
        left join currencies on currencies.currency = expected.currency
        where expected.erp_invoice_id is null and expected.status <> 'void'
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
                "difference_minor",
                "target_system",
                "target_object",
                "target_record_id",
                "push_class",
            ]
        )
    }}

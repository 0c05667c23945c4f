with

    totals as (select * from {{ ref("expected_postings") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

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

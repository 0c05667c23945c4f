with

    compared as (select * from {{ ref("applied_payments") }}),

    customers as (select * from {{ ref("customers") }}),

    currencies as (select * from {{ ref("currencies") }}),

    found as (
        select
            compared.billing_system || ':payment:' || compared.payment_id as record_key,
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
            compared.billing_system as left_system,
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

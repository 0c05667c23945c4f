with
    payments as (
        select * from {{ ref("stg_netsuite__payments") }} where not is_deleted
    ),
    applications as (
        select *
        from {{ ref("stg_netsuite__payment_applications") }}
        where not is_deleted
    ),
    paid as (select * from {{ ref("payments") }}),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    applied as (
        select netsuite_payment_id, sum(applied_amount) as applied_amount
        from applications
        group by netsuite_payment_id
    ),
    -- What was posted twice is C09's.
    repeated as (select number from payments group by number having count(*) > 1),
    found as (

        select
            'netsuite:payment:' || payments.netsuite_payment_id as record_key,
            'invoice:' || paid.invoice_id as grain_key,
            paid.customer_id,
            'Payment '
            || payments.number
            || ' of '
            || {{ customer_name("customers.legal_name", "paid.customer_id") }}
            || ' settles nothing' as subject,
            payments.currency,
            'netsuite' as left_system,
            cast(payments.total_amount as {{ dbt.type_string() }}) as left_value,
            'netsuite' as right_system,
            cast(
                coalesce(applied.applied_amount, 0) as {{ dbt.type_string() }}
            ) as right_value,
            {{
                to_minor(
                    "payments.total_amount - coalesce(applied.applied_amount, 0)",
                    "currencies.minor_per_major",
                )
            }} as difference_minor
        from payments
        left join applied using (netsuite_payment_id)
        inner join currencies on currencies.currency = payments.currency
        left join repeated on repeated.number = payments.number
        left join paid on paid.payment_id = payments.stripe_payment_id
        left join customers on customers.customer_id = paid.customer_id
        where
            payments.total_amount > coalesce(applied.applied_amount, 0)
            and payments.paid_on <= {{ add_days(as_of(), -5) }}
            and repeated.number is null

    )

    {{
        breaks(
            [
                "customer_id",
                "left_system",
                "left_value",
                "right_system",
                "right_value",
                "grain_key",
                "currency",
                "difference_minor",
            ]
        )
    }}

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
    central as (
        select *
        from {{ ref("applied_payments") }}
        where erp_system = 'business_central' and is_entered
    ),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    applied as (
        select netsuite_payment_id, sum(applied_amount) as applied_amount
        from applications
        group by netsuite_payment_id
    ),
    -- What was posted twice is C09's.
    repeated as (select number from payments group by number having count(*) > 1),
    unapplied as (
        select
            'netsuite' as erp_system,
            'netsuite:payment:' || payments.netsuite_payment_id as record_key,
            payments.number,
            paid.invoice_id,
            paid.customer_id,
            payments.currency,
            {{ to_minor("payments.total_amount", "currencies.minor_per_major") }}
            as total_minor,
            {{
                to_minor(
                    "coalesce(applied.applied_amount, 0)",
                    "currencies.minor_per_major",
                )
            }} as applied_minor
        from payments
        left join applied using (netsuite_payment_id)
        inner join currencies on currencies.currency = payments.currency
        left join repeated on repeated.number = payments.number
        left join paid on paid.payment_id = payments.stripe_payment_id
        where
            payments.total_amount > coalesce(applied.applied_amount, 0)
            and payments.paid_on <= {{ add_days(as_of(), -5) }}
            and repeated.number is null

        union all

        select
            erp_system,
            'business_central:invoice:' || erp_invoice_id as record_key,
            'of invoice ' || number as number,
            invoice_id,
            customer_id,
            currency,
            applied_minor as total_minor,
            erp_applied_minor as applied_minor
        from central
        where
            applied_minor > erp_applied_minor and paid_on <= {{ add_days(as_of(), -5) }}
    ),
    found as (

        select
            unapplied.record_key,
            'invoice:' || unapplied.invoice_id as grain_key,
            unapplied.customer_id,
            'Payment '
            || unapplied.number
            || ' of '
            || {{ customer_name("customers.legal_name", "unapplied.customer_id") }}
            || ' settles nothing' as subject,
            unapplied.currency,
            unapplied.erp_system as left_system,
            {{ amount_text("unapplied.total_minor", "currencies.minor_per_major") }}
            as left_value,
            unapplied.erp_system as right_system,
            {{ amount_text("unapplied.applied_minor", "currencies.minor_per_major") }}
            as right_value,
            unapplied.total_minor - unapplied.applied_minor as difference_minor
        from unapplied
        inner join currencies on currencies.currency = unapplied.currency
        left join customers on customers.customer_id = unapplied.customer_id

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

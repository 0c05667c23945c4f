with
    payments as (select * from {{ ref("payments") }}),
    received as (
        select * from {{ ref("stg_netsuite__payments") }} where not is_deleted
    ),
    customers as (select * from {{ ref("customers") }}),
    currencies as (select * from {{ ref("currencies") }}),
    found as (

        select
            'netsuite:payment:' || received.netsuite_payment_id as record_key,
            'invoice:' || payments.invoice_id as grain_key,
            payments.customer_id,
            'Payment '
            || received.number
            || ' of '
            || {{ customer_name("customers.legal_name", "payments.customer_id") }}
            || ' is another amount in the ERP' as subject,
            payments.currency,
            payments.billing_system as left_system,
            {{ amount_text("payments.received_minor", "currencies.minor_per_major") }}
            as left_value,
            'netsuite' as right_system,
            cast(received.total_amount as {{ dbt.type_string() }}) as right_value,
            payments.received_minor
            - {{ to_minor("received.total_amount", "currencies.minor_per_major") }}
            as difference_minor
        from payments
        inner join received on received.stripe_payment_id = payments.payment_id
        inner join currencies on currencies.currency = payments.currency
        left join customers on customers.customer_id = payments.customer_id
        where
            payments.received_minor
            <> {{ to_minor("received.total_amount", "currencies.minor_per_major") }}

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

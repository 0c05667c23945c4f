with
    payments as (select * from {{ ref("payments") }} where status = 'succeeded'),
    links as (
        select * from {{ ref("stg_stripe__invoice_payments") }} where not is_deleted
    ),
    invoices as (select * from {{ ref("invoices") }} where status = 'open'),
    customers as (select * from {{ ref("customers") }}),
    found as (

        select
            'stripe:invoice:' || invoices.invoice_id as record_key,
            'invoice:' || invoices.invoice_id as grain_key,
            invoices.customer_id,
            'Invoice '
            || invoices.number
            || ' of '
            || {{ customer_name("customers.legal_name", "invoices.customer_id") }}
            || ' is open and its payment succeeded' as subject,
            invoices.currency,
            'stripe' as left_system,
            payments.status as left_value,
            'stripe' as right_system,
            invoices.status as right_value,
            payments.received_minor as difference_minor
        from payments
        inner join links on links.stripe_payment_id = payments.payment_id
        inner join invoices on invoices.invoice_id = links.stripe_invoice_id
        left join customers on customers.customer_id = invoices.customer_id
        where payments.received_minor >= invoices.total_minor

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

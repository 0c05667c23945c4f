with

    records as (select * from {{ ref("int_customers__linked") }}),

    segments as (select * from {{ ref("int_contracts__segments") }}),

    invoices as (select * from {{ ref("stg_stripe__invoices") }}),

    invoice_payments as (select * from {{ ref("stg_stripe__invoice_payments") }}),

    payments as (select * from {{ ref("stg_stripe__payments") }}),

    customers as (select customer_id from records group by customer_id),

    in_force as (
        select
            customer_id,
            max(case when sku = 'SUP-PREMIUM' then 1 else 0 end) as premium_lines
        from segments
        where
            is_recurring and starts_on <= {{ as_of() }} and ends_before > {{ as_of() }}
        group by customer_id
    ),

    attempts as (
        select
            invoices.stripe_invoice_id,
            records.customer_id,
            payments.status,
            row_number() over (
                partition by invoices.stripe_invoice_id
                order by
                    payments.created_at desc nulls last,
                    {{ by_bytes("payments.stripe_payment_id") }}
            ) as attempt_rank
        from invoices
        inner join invoice_payments using (stripe_invoice_id)
        inner join payments using (stripe_payment_id)
        inner join
            records
            on records.system = 'stripe'
            and records.record_id = invoices.stripe_customer_id
        where
            invoices.status in ('open', 'uncollectible')
            and invoices.attempt_count > 0
            and not invoices.is_deleted
            and not payments.is_deleted
    ),

    failed as (
        select customer_id
        from attempts
        where attempt_rank = 1 and status = 'requires_payment_method'
        group by customer_id
    )

select
    customers.customer_id,
    in_force.customer_id is not null as is_active,
    coalesce(in_force.premium_lines, 0) = 1 as has_premium_support,
    failed.customer_id is not null as has_failed_payment
from customers
left join in_force on in_force.customer_id = customers.customer_id
left join failed on failed.customer_id = customers.customer_id

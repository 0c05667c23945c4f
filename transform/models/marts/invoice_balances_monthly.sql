with

    invoices as (select * from {{ ref("invoices") }}),

    payments as (select * from {{ ref("payments") }} where status = 'succeeded'),

    months as (select * from {{ ref("int_calendar__months") }}),

    -- Months from the one of the invoice to the one before it was settled.
    owed as (
        select
            invoices.invoice_id,
            invoices.customer_id,
            invoices.currency,
            invoices.total_minor,
            invoices.due_on,
            months.month,
            months.closes_before
        from invoices
        inner join
            months
            on months.closes_before > invoices.issued_on
            and months.closes_before
            <= coalesce(invoices.paid_on, invoices.voided_on, months.closes_before)
    ),

    paid as (
        select
            owed.invoice_id,
            owed.month,
            {{ sum_minor("payments.applied_minor") }} as paid_minor
        from owed
        inner join
            payments
            on payments.invoice_id = owed.invoice_id
            and payments.paid_on < owed.closes_before
        group by owed.invoice_id, owed.month
    )

select
    owed.invoice_id,
    owed.customer_id,
    owed.month,
    owed.currency,
    owed.total_minor - coalesce(paid.paid_minor, 0) as open_minor,
    -- An invoice is overdue from the day after the one it was due on.
    greatest(
        {{ days_between("owed.due_on", add_days("owed.closes_before", -1)) }},
        cast(0 as bigint)
    ) as days_overdue
from owed
left join paid on paid.invoice_id = owed.invoice_id and paid.month = owed.month
where owed.total_minor <> coalesce(paid.paid_minor, 0)

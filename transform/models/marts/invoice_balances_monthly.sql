with

    invoices as (select * from {{ ref("invoices") }}),

    allocations as (select * from {{ ref("payment_allocations") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    credited as (
        select
            billing_system,
            invoice_id,
            {{ sum_minor("allocated_minor") }} as notes_minor
        from allocations
        where source_type = 'credit_note'
        group by billing_system, invoice_id
    ),

    -- Credit that no note explains is the customer's balance, taken at the issue.
    issued as (
        select
            invoices.*,
            invoices.total_minor
            - invoices.credited_minor
            + coalesce(credited.notes_minor, 0) as due_minor
        from invoices
        left join credited using (billing_system, invoice_id)
    ),

    -- Months from the one of the invoice to the one before it was settled.
    owed as (
        select
            issued.billing_system,
            issued.invoice_id,
            issued.customer_id,
            issued.legal_entity_code,
            issued.currency,
            issued.due_minor,
            issued.due_on,
            months.month,
            months.closes_before
        from issued
        inner join
            months
            on months.closes_before > issued.issued_on
            and months.closes_before
            <= coalesce(issued.paid_on, issued.voided_on, months.closes_before)
    ),

    settled as (
        select
            owed.billing_system,
            owed.invoice_id,
            owed.month,
            {{ sum_minor("allocations.allocated_minor") }} as settled_minor
        from owed
        inner join
            allocations
            on allocations.billing_system = owed.billing_system
            and allocations.invoice_id = owed.invoice_id
            and allocations.allocated_on < owed.closes_before
        group by owed.billing_system, owed.invoice_id, owed.month
    )

select
    owed.billing_system,
    owed.invoice_id,
    owed.customer_id,
    owed.legal_entity_code,
    owed.month,
    owed.currency,
    owed.due_minor - coalesce(settled.settled_minor, 0) as open_minor,
    -- An invoice is overdue from the day after the one it was due on.
    greatest(
        {{ days_between("owed.due_on", add_days("owed.closes_before", -1)) }},
        cast(0 as bigint)
    ) as days_overdue
from owed
left join
    settled
    on settled.billing_system = owed.billing_system
    and settled.invoice_id = owed.invoice_id
    and settled.month = owed.month
where owed.due_minor <> coalesce(settled.settled_minor, 0)

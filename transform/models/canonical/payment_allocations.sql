with

    payments as (select * from {{ ref("payments") }}),

    applications as (select * from {{ ref("int_payments__applied") }} where is_applied),

    notes as (select * from {{ ref("credit_notes") }} where status = 'issued'),

    note_allocations as (
        select *
        from {{ ref("stg_chargebee__credit_note_allocations") }}
        where not is_deleted
    ),

    invoices as (select * from {{ ref("invoices") }}),

    allocations as (
        select
            'payment' as source_type,
            billing_system,
            application_id as allocation_id,
            payment_id,
            cast(null as varchar) as credit_note_id,
            invoice_id,
            applied_on as allocated_on,
            applied_minor as allocated_minor
        from applications

        union all

        -- What lowered an invoice that was due was never the customer's to use
        -- elsewhere.
        select
            'credit_note' as source_type,
            billing_system,
            credit_note_id as allocation_id,
            cast(null as varchar) as payment_id,
            credit_note_id,
            invoice_id,
            issued_on as allocated_on,
            pre_payment_minor as allocated_minor
        from notes
        where pre_payment_minor <> 0

        union all

        select
            'credit_note' as source_type,
            'chargebee' as billing_system,
            note_allocations.chargebee_credit_note_allocation_id as allocation_id,
            cast(null as varchar) as payment_id,
            note_allocations.chargebee_credit_note_id as credit_note_id,
            note_allocations.chargebee_invoice_id as invoice_id,
            {{ utc_date("note_allocations.allocated_at") }} as allocated_on,
            note_allocations.allocated_minor
        from note_allocations
        inner join
            notes
            on notes.billing_system = 'chargebee'
            and notes.credit_note_id = note_allocations.chargebee_credit_note_id
            and notes.pre_payment_minor = 0
    )

select
    allocations.allocation_id,
    allocations.billing_system,
    allocations.source_type,
    allocations.payment_id,
    allocations.credit_note_id,
    allocations.invoice_id,
    invoices.legal_entity_code,
    invoices.customer_id,
    allocations.allocated_on,
    invoices.currency,
    allocations.allocated_minor
from allocations
inner join invoices using (billing_system, invoice_id)
left join payments using (billing_system, payment_id)
where allocations.source_type = 'credit_note' or payments.payment_id is not null

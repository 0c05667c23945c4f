with

    payments as (select * from {{ ref("payments") }}),

    allocations as (
        select * from {{ ref("payment_allocations") }} where source_type = 'payment'
    ),

    invoices as (select * from {{ ref("invoices") }}),

    records as (select * from {{ ref("customer_records") }}),

    expected as (select * from {{ ref("expected_postings") }}),

    erp_payments as (select * from {{ ref("int_erp__payments") }}),

    ledger as (select * from {{ ref("stg_business_central__general_ledger_entries") }}),

    -- NetSuite is asked as soon as it has customers: one without any payment has
    -- applied
    -- none. Tryton delivers no payments.
    answering as (
        select system as erp_system
        from records
        where system in ('netsuite', 'business_central')
        group by system
    ),

    paid as (
        select
            billing_system,
            payment_id,
            invoice_id,
            {{ sum_minor("allocated_minor") }} as applied_minor
        from allocations
        group by billing_system, payment_id, invoice_id
    ),

    applied as (
        select
            erp_system,
            stripe_payment_id,
            stripe_invoice_id,
            {{ sum_minor("applied_minor") }} as erp_applied_minor
        from erp_payments
        group by erp_system, stripe_payment_id, stripe_invoice_id
    ),

    -- Business Central shows the payments of an invoice in the ledger alone, and what
    -- is
    -- open of it.
    entered as (
        select document_number
        from ledger
        where document_type = 'Payment' and not is_deleted
        group by document_number
    )

select
    payments.billing_system,
    payments.payment_id,
    payments.customer_id,
    payments.currency,
    payments.paid_on,
    expected.invoice_id,
    expected.erp_system,
    expected.erp_invoice_id,
    expected.number,
    entered.document_number is not null as is_entered,
    paid.applied_minor,
    case
        when expected.erp_system = 'business_central'
        then
            greatest(
                paid.applied_minor - greatest(
                    coalesce(expected.erp_open_minor, expected.total_minor)
                    - invoices.open_minor,
                    0
                ),
                0
            )
        else coalesce(applied.erp_applied_minor, 0)
    end as erp_applied_minor
from payments
inner join paid using (billing_system, payment_id)
inner join
    expected
    on expected.billing_system = paid.billing_system
    and expected.invoice_id = paid.invoice_id
inner join
    invoices
    on invoices.billing_system = paid.billing_system
    and invoices.invoice_id = paid.invoice_id
inner join answering on answering.erp_system = expected.erp_system
left join
    applied
    on applied.stripe_payment_id = paid.payment_id
    and applied.stripe_invoice_id = paid.invoice_id
    and applied.erp_system = expected.erp_system
left join
    entered
    on entered.document_number
    = case when expected.erp_system = 'business_central' then expected.erp_number end

with

    invoices as (select * from {{ ref("invoices") }}),

    records as (select * from {{ ref("customer_records") }}),

    erp_invoices as (select * from {{ ref("int_erp__invoices") }}),

    -- An invoice belongs into each ERP that knows its customer.
    homes as (
        select customer_id, system as erp_system
        from records
        where is_primary and system in ('netsuite', 'tryton')
    ),

    posted as (
        select
            erp_system,
            stripe_invoice_id,
            max(erp_invoice_id) as erp_invoice_id,
            max(status) as status,
            {{ sum_minor("total_minor") }} as total_minor
        from erp_invoices
        where stripe_invoice_id is not null
        group by erp_system, stripe_invoice_id
    )

select
    invoices.invoice_id,
    homes.erp_system,
    invoices.customer_id,
    invoices.number,
    invoices.status,
    invoices.issued_on,
    invoices.currency,
    invoices.total_minor,
    posted.erp_invoice_id,
    posted.status as erp_status,
    posted.total_minor as erp_total_minor
from invoices
inner join homes using (customer_id)
left join
    posted
    on posted.stripe_invoice_id = invoices.invoice_id
    and posted.erp_system = homes.erp_system

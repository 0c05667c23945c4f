with

    invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and status <> 'draft'
    ),

    records as (select * from {{ ref("int_customers__linked") }}),

    erp_invoices as (select * from {{ ref("int_erp__invoices") }}),

    owed as (
        select invoices.*, records.customer_id
        from invoices
        left join
            records
            on records.system = 'stripe'
            and records.record_id = invoices.stripe_customer_id
    ),

    erps as (
        select system as erp_system
        from records
        where system in ('netsuite', 'tryton')
        group by system
    ),

    known as (
        select customer_id, system as erp_system
        from records
        where is_primary and system in ('netsuite', 'tryton')
    ),

    -- An invoice belongs into each ERP that knows its customer. Where none does, all
    -- are asked: otherwise nobody would miss it.
    homes as (
        select
            owed.stripe_invoice_id,
            erps.erp_system,
            known.customer_id is not null as is_customer_known
        from owed
        cross join erps
        left join
            known
            on known.customer_id = owed.customer_id
            and known.erp_system = erps.erp_system
        where
            known.customer_id is not null
            or not exists (
                select 1
                from known as others
                where others.customer_id = owed.customer_id
            )
    ),

    -- What was voided and posted again is posted.
    ranked as (
        select
            *,
            max(case when status = 'void' then 0 else 1 end) over (
                partition by erp_system, stripe_invoice_id
            ) as valid_postings
        from erp_invoices
        where stripe_invoice_id is not null
    ),

    posted as (
        select
            erp_system,
            stripe_invoice_id,
            max(erp_invoice_id) as erp_invoice_id,
            max(status) as status,
            {{ sum_minor("total_minor") }} as total_minor
        from ranked
        where status <> 'void' or valid_postings = 0
        group by erp_system, stripe_invoice_id
    )

select
    owed.stripe_invoice_id as invoice_id,
    homes.erp_system,
    owed.customer_id,
    homes.is_customer_known,
    owed.number,
    owed.status,
    {{ utc_date("owed.finalized_at") }} as issued_on,
    owed.currency,
    owed.total_minor,
    posted.erp_invoice_id,
    posted.status as erp_status,
    posted.total_minor as erp_total_minor
from owed
inner join homes using (stripe_invoice_id)
left join
    posted
    on posted.stripe_invoice_id = owed.stripe_invoice_id
    and posted.erp_system = homes.erp_system

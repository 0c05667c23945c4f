with

    invoices as (
        select *
        from {{ ref("stg_stripe__invoices") }}
        where not is_deleted and status <> 'draft'
    ),

    records as (select * from {{ ref("customer_records") }}),

    customers as (select * from {{ ref("customers") }}),

    erp_invoices as (select * from {{ ref("int_erp__invoices") }}),

    -- What was voided and posted again is found where it is posted.
    ranked as (
        select
            *,
            row_number() over (
                partition by erp_system, stripe_invoice_id
                order by
                    case when status = 'void' then 1 else 0 end,
                    {{ by_bytes("erp_invoice_id") }} desc
            ) as posting_rank
        from erp_invoices
        where stripe_invoice_id is not null
    ),

    posted as (
        select
            stripe_invoice_id,
            max(
                case when erp_system = 'netsuite' then erp_invoice_id end
            ) as netsuite_invoice_id,
            max(
                case when erp_system = 'tryton' then erp_invoice_id end
            ) as tryton_invoice_id
        from ranked
        where posting_rank = 1
        group by stripe_invoice_id
    )

select
    invoices.stripe_invoice_id as invoice_id,
    records.customer_id,
    invoices.stripe_customer_id,
    invoices.stripe_subscription_id as subscription_id,
    invoices.number,
    invoices.status,
    {{ utc_date("invoices.finalized_at") }} as issued_on,
    {{ utc_date("coalesce(invoices.due_at, invoices.finalized_at)") }} as due_on,
    {{ utc_date("invoices.paid_at") }} as paid_on,
    {{ utc_date("invoices.voided_at") }} as voided_on,
    invoices.currency,
    invoices.total_minor,
    invoices.paid_minor,
    invoices.attempt_count,
    posted.netsuite_invoice_id,
    customers.netsuite_customer_id,
    posted.tryton_invoice_id,
    customers.tryton_party_id,
    case
        when invoices.status <> 'void' then {{ utc_date("invoices.finalized_at") }}
    end as posts_on
from invoices
left join
    records
    on records.system = 'stripe'
    and records.record_id = invoices.stripe_customer_id
left join customers on customers.customer_id = records.customer_id
left join posted on posted.stripe_invoice_id = invoices.stripe_invoice_id

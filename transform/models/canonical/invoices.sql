with

    invoices as (
        select * from {{ ref("int_invoices__issued") }} where held_for is null
    ),

    customers as (select * from {{ ref("customers") }}),

    erp_invoices as (select * from {{ ref("int_erp__invoices") }}),

    served as (
        select
            billing_system,
            invoice_id,
            min(starts_on) as starts_on,
            max(ends_before) as ends_before
        from {{ ref("int_invoice_lines__classified") }}
        group by billing_system, invoice_id
    ),

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
    invoices.invoice_id,
    invoices.billing_system,
    invoices.legal_entity_code,
    invoices.customer_id,
    invoices.billing_customer_id,
    case
        when invoices.billing_system = 'stripe' then invoices.billing_customer_id
    end as stripe_customer_id,
    invoices.subscription_id,
    invoices.number,
    invoices.status,
    invoices.issued_on,
    invoices.due_on,
    invoices.paid_on,
    invoices.voided_on,
    served.starts_on as service_starts_on,
    served.ends_before as service_ends_before,
    invoices.currency,
    invoices.net_minor,
    invoices.tax_minor,
    invoices.rounding_minor,
    invoices.total_minor,
    invoices.paid_minor,
    invoices.credited_minor,
    invoices.written_off_minor,
    invoices.open_minor,
    invoices.attempt_count,
    posted.netsuite_invoice_id,
    -- What Chargebee bills is posted in other books.
    case
        when invoices.billing_system = 'stripe' then customers.netsuite_customer_id
    end as netsuite_customer_id,
    posted.tryton_invoice_id,
    case
        when invoices.billing_system = 'stripe' then customers.tryton_party_id
    end as tryton_party_id,
    case when invoices.status <> 'void' then invoices.issued_on end as posts_on
from invoices
left join customers on customers.customer_id = invoices.customer_id
left join
    posted
    on posted.stripe_invoice_id
    = case when invoices.billing_system = 'stripe' then invoices.invoice_id end
left join
    served
    on served.billing_system = invoices.billing_system
    and served.invoice_id = invoices.invoice_id

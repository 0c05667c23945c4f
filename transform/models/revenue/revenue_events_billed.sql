with

    invoiced as (select * from {{ ref("revenue_invoiced_lines") }}),

    invoices as (select * from {{ ref("invoices") }}),

    payments as (select * from {{ ref("payments") }} where status = 'succeeded'),

    credit_notes as (select * from {{ ref("credit_notes") }} where status = 'issued'),

    taxed as (select * from {{ ref("revenue_events_settled") }}),

    disputes as (select * from {{ ref("disputes") }}),

    contracted as (
        select
            invoice_id,
            min(contract_id) as contract_id,
            min(case when is_replaced then 1 else 0 end) = 1 as is_replaced
        from invoiced
        group by invoice_id
    ),

    billed as (
        select invoices.*, contracted.contract_id, contracted.is_replaced
        from invoices
        inner join contracted using (invoice_id)
    )

select
    'invoice:' || invoice_id as event_id,
    contract_id,
    'invoice' as kind,
    issued_on as event_on,
    invoice_id,
    cast(null as bigint) as amount_minor,
    cast(0 as bigint) as tax_minor,
    cast(null as varchar) as treatment,
    cast(null as varchar) as reason
from billed

union all

select
    'payment:' || payments.payment_id as event_id,
    billed.contract_id,
    'payment' as kind,
    payments.paid_on as event_on,
    payments.invoice_id,
    payments.amount_minor,
    cast(0 as bigint) as tax_minor,
    cast(null as varchar) as treatment,
    cast(null as varchar) as reason
from payments
inner join billed using (invoice_id)

union all

select
    'credit_note:' || credit_notes.credit_note_id as event_id,
    billed.contract_id,
    'credit_note' as kind,
    credit_notes.issued_on as event_on,
    credit_notes.invoice_id,
    credit_notes.net_minor as amount_minor,
    credit_notes.tax_minor,
    cast(null as varchar) as treatment,
    credit_notes.reason_code as reason
from credit_notes
inner join billed using (invoice_id)

union all

select
    event_id,
    contract_id,
    kind,
    event_on,
    invoice_id,
    amount_minor - tax_minor as amount_minor,
    tax_minor,
    treatment,
    cast(null as varchar) as reason
from taxed

union all

select
    'dispute_won:' || disputes.dispute_id as event_id,
    billed.contract_id,
    'dispute_won' as kind,
    disputes.returned_on as event_on,
    disputes.invoice_id,
    disputes.withdrawn_minor as amount_minor,
    cast(0 as bigint) as tax_minor,
    cast(null as varchar) as treatment,
    cast(null as varchar) as reason
from disputes
inner join billed using (invoice_id)
where disputes.returned_on is not null

union all

select
    'void:' || invoice_id as event_id,
    contract_id,
    'void' as kind,
    voided_on as event_on,
    invoice_id,
    cast(null as bigint) as amount_minor,
    cast(0 as bigint) as tax_minor,
    -- Billed anew, the price stands, and only its bill is another.
    case when is_replaced then 'unearned' end as treatment,
    cast(null as varchar) as reason
from billed
where voided_on is not null

with

    invoiced as (select * from {{ ref("revenue_invoiced_lines") }}),

    invoices as (select * from {{ ref("invoices") }}),

    credit_notes as (select * from {{ ref("credit_notes") }} where status = 'issued'),

    refunds as (select * from {{ ref("refunds") }} where status = 'succeeded'),

    disputes as (select * from {{ ref("disputes") }}),

    contracted as (
        select invoice_id, min(contract_id) as contract_id
        from invoiced
        group by invoice_id
    ),

    billed as (
        select invoices.*, contracted.contract_id
        from invoices
        inner join contracted using (invoice_id)
    ),

    noted as (
        select refund_id
        from credit_notes
        where refund_id is not null
        group by refund_id
    ),

    settled as (
        select
            'refund:' || refunds.refund_id as event_id,
            'refund' as kind,
            refunds.refunded_on as event_on,
            refunds.invoice_id,
            refunds.amount_minor,
            -- The note has lowered the price already; this is its money.
            case
                when refunds.credit_note_id is not null or noted.refund_id is not null
                then 'credited'
                else 'pro_rata'
            end as treatment
        from refunds
        left join noted using (refund_id)
        union all
        select
            'dispute:' || dispute_id as event_id,
            'dispute' as kind,
            withdrawn_on as event_on,
            invoice_id,
            withdrawn_minor as amount_minor,
            cast(null as varchar) as treatment
        from disputes
        where withdrawn_on is not null
    )

-- What is paid back is the tax's in the proportion of the invoice.
select
    settled.*,
    billed.contract_id,
    case
        when settled.treatment = 'credited'
        then cast(0 as bigint)
        else
            {{
                share_minor(
                    "settled.amount_minor",
                    "billed.tax_minor",
                    "greatest(billed.total_minor, cast(1 as bigint))",
                )
            }}
    end as tax_minor
from settled
inner join billed using (invoice_id)

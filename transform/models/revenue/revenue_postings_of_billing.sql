with

    events as (select * from {{ ref("revenue_accepted_events") }}),

    parts as (select * from {{ ref("revenue_event_parts") }}),

    lines as (select * from {{ ref("revenue_event_lines") }}),

    reduced as (select * from {{ ref("revenue_reductions") }}),

    invoices as (select * from events where kind = 'invoice'),

    taxes as (
        select
            invoices.invoice_id,
            invoices.event_id,
            {{ sum_minor("lines.tax_minor") }} as tax_minor
        from invoices
        inner join lines using (event_id)
        group by invoices.invoice_id, invoices.event_id
    ),

    credited as (
        select invoice_id, {{ sum_minor("tax_minor") }} as tax_minor
        from events
        where kind = 'credit_note'
        group by invoice_id
    ),

    paid as (
        select event_id, {{ sum_minor("amount_minor") }} as amount_minor
        from parts
        where kind = 'payment'
        group by event_id
    ),

    postings as (
        select
            parts.event_id,
            parts.obligation_key,
            'accounts_receivable' as debit_role,
            'deferred' as credit_role,
            parts.amount_minor
        from parts
        inner join invoices using (event_id)
        where invoices.is_unconditional

        union all

        select
            parts.event_id,
            parts.obligation_key,
            'cash' as debit_role,
            'deferred' as credit_role,
            parts.amount_minor
        from parts
        inner join invoices using (invoice_id)
        where parts.kind = 'payment' and not invoices.is_unconditional

        union all

        select
            reduced.event_id,
            reduced.obligation_key,
            reduced.contra_role as debit_role,
            reduced.settled_role as credit_role,
            reduced.contra_minor as amount_minor
        from reduced

        union all

        select
            reduced.event_id,
            reduced.obligation_key,
            reduced.lowered_role as debit_role,
            reduced.settled_role as credit_role,
            reduced.amount_minor - reduced.contra_minor as amount_minor
        from reduced

        union all

        -- Tax, and money that is nobody's performance.
        select
            events.event_id,
            cast(null as varchar) as obligation_key,
            case
                when events.kind in ('payment', 'dispute_won', 'recovery')
                then 'cash'
                when events.kind = 'invoice'
                then 'accounts_receivable'
                else 'tax'
            end as debit_role,
            case
                when events.kind in ('dispute_won', 'recovery')
                then 'recoverables'
                when events.kind = 'payment' and invoices.is_unconditional
                then 'accounts_receivable'
                when events.kind in ('payment', 'invoice')
                then 'tax'
                when events.kind in ('refund', 'dispute')
                then 'cash'
                else 'accounts_receivable'
            end as credit_role,
            case
                when events.kind in ('dispute_won', 'recovery')
                then events.amount_minor
                when events.kind = 'payment' and invoices.is_unconditional
                then events.amount_minor
                when events.kind = 'payment'
                then events.amount_minor - coalesce(paid.amount_minor, 0)
                when events.kind = 'invoice' and not invoices.is_unconditional
                then cast(0 as bigint)
                when events.kind = 'invoice'
                then taxes.tax_minor
                when events.kind = 'void'
                then taxes.tax_minor - coalesce(credited.tax_minor, 0)
                else events.tax_minor
            end as amount_minor
        from events
        inner join invoices using (invoice_id)
        left join taxes using (invoice_id)
        left join credited using (invoice_id)
        left join paid on paid.event_id = events.event_id
    )

select
    events.contract_id,
    events.event_id,
    events.kind as reason,
    postings.obligation_key,
    events.effective_on as posted_on,
    events.month,
    postings.debit_role,
    postings.credit_role,
    postings.amount_minor
from postings
inner join events using (event_id)
where postings.amount_minor <> 0

with

    events as (select * from {{ ref("revenue_events") }}),

    lines as (select * from {{ ref("invoice_lines") }}),

    subscriptions as (select * from {{ ref("subscriptions") }}),

    invoiced as (
        select
            lines.invoice_id,
            subscriptions.contract_id,
            {{ sum_minor("lines.net_minor") }} as net_minor
        from lines
        inner join subscriptions using (subscription_id)
        where subscriptions.contract_id is not null
        group by lines.invoice_id, subscriptions.contract_id
    ),

    -- The money of a credit note was taken back by the note.
    dated as (
        select
            event_id,
            contract_id,
            invoice_id,
            kind,
            amount_minor,
            {{ first_of_month("coalesce(posts_on, event_on)") }} as month
        from events
        where
            kind in ('invoice', 'void', 'credit_note', 'dispute')
            or (kind = 'refund' and treatment <> 'credited')
    ),

    taken as (
        select invoice_id, {{ sum_minor("amount_minor") }} as taken_minor
        from dated
        where kind in ('credit_note', 'refund', 'dispute')
        group by invoice_id
    ),

    amounts as (
        select
            invoiced.contract_id,
            dated.month,
            case
                when dated.kind = 'invoice'
                then invoiced.net_minor
                else cast(0 as bigint)
            end as billings_minor,
            case
                when dated.kind = 'void'
                then invoiced.net_minor - coalesce(taken.taken_minor, 0)
                else cast(0 as bigint)
            end as credits_minor
        from invoiced
        inner join dated on dated.invoice_id = invoiced.invoice_id
        left join taken on taken.invoice_id = invoiced.invoice_id
        where dated.kind in ('invoice', 'void')

        union all

        select
            contract_id,
            month,
            cast(0 as bigint) as billings_minor,
            amount_minor as credits_minor
        from dated
        where kind in ('credit_note', 'refund', 'dispute')
    )

select
    contract_id,
    month,
    {{ sum_minor("billings_minor") }} as billings_minor,
    {{ sum_minor("credits_minor") }} as credits_minor
from amounts
group by contract_id, month

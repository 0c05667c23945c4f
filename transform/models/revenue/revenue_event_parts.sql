with

    events as (select * from {{ ref("revenue_accepted_events") }}),

    parts as (select * from {{ ref("revenue_stated_parts") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    invoices as (select * from events where kind = 'invoice'),

    -- A void undoes what is left of each line of its invoice.
    undone as (
        select voids.event_id, parts.obligation_id, parts.amount_minor
        from events as voids
        inner join invoices using (invoice_id)
        inner join parts on parts.event_id = invoices.event_id
        where voids.kind = 'void'
        union all
        select voids.event_id, parts.obligation_id, - parts.amount_minor as amount_minor
        from events as voids
        inner join
            events as earlier
            on earlier.invoice_id = voids.invoice_id
            and earlier.reduction in ('pro_rata', 'prospective')
            and (
                earlier.effective_on < voids.effective_on
                or (
                    earlier.effective_on = voids.effective_on
                    and earlier.kind_rank < voids.kind_rank
                )
            )
        inner join parts on parts.event_id = earlier.event_id
        where voids.kind = 'void'
    ),

    all_parts as (
        select event_id, obligation_id, amount_minor
        from parts
        union all
        select event_id, obligation_id, {{ sum_minor("amount_minor") }} as amount_minor
        from undone
        group by event_id, obligation_id
    )

select
    events.event_id,
    events.contract_id,
    events.invoice_id,
    events.kind,
    events.kind_rank,
    events.effective_on,
    events.month,
    events.reduction,
    obligations.obligation_key,
    obligations.obligation_id,
    obligations.accounting_contract_id,
    obligations.is_usage,
    all_parts.amount_minor
from all_parts
inner join events using (event_id)
inner join
    obligations
    on obligations.contract_id = events.contract_id
    and obligations.obligation_id = all_parts.obligation_id

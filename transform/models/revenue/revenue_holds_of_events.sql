with

    contracts as (select * from {{ ref("revenue_contracts") }}),

    obligations as (select * from {{ ref("revenue_performance_obligations") }}),

    events as (select * from {{ ref("revenue_events") }}),

    lines as (select * from {{ ref("revenue_event_lines") }}),

    changes as (select * from {{ ref("revenue_changes") }}),

    pauses as (select * from {{ ref("revenue_pauses") }}),

    closes as (select * from {{ ref("revenue_closes") }}),

    rates as (select * from {{ ref("revenue_rates") }}),

    mentions as (
        select contract_id, obligation_id
        from events
        where obligation_id is not null
        union all
        select events.contract_id, lines.obligation_id
        from lines
        inner join events using (event_id)
        union all
        select contract_id, obligation_id
        from changes
        union all
        select contract_id, obligation_id
        from pauses
    ),

    late as (
        select events.contract_id
        from events
        inner join contracts using (contract_id)
        inner join
            closes
            on closes.entity = contracts.entity
            and closes.month
            = {{ first_of_month("coalesce(events.posts_on, events.event_on)") }}
            and closes.closed_on <= events.recorded_on
    )

select
    coalesce(events.contract_id, events.invoice_id) as contract_id,
    'unknown_invoice' as reason
from events
left join
    events as invoices
    on invoices.kind = 'invoice'
    and invoices.invoice_id = events.invoice_id
where events.invoice_id is not null and invoices.invoice_id is null

union all

select mentions.contract_id, 'unknown_obligation' as reason
from mentions
left join obligations using (contract_id, obligation_id)
where obligations.obligation_id is null and mentions.contract_id is not null

union all

select contract_id, 'unknown_reason' as reason
from events
where
    kind = 'credit_note'
    and coalesce(reason, '') not in (
        'waiver',
        'discount',
        'future_discount',
        'goodwill',
        'error',
        'cancellation',
        'service',
        'product_unsatisfactory',
        'duplicate',
        'fraudulent',
        'order_change',
        'other'
    )

union all

select
    contract_id,
    case
        when treatment is null
        then 'treatment_missing'
        when treatment not in ('extend', 'spread', 'none')
        then 'treatment_not_allowed'
    end as reason
from events
where kind = 'pause'

union all

select pauses.contract_id, 'negative_term' as reason
from pauses
inner join events using (event_id)
where pauses.resumes_on <= coalesce(events.posts_on, events.event_on)

union all

select contract_id, 'closed_period' as reason
from late

union all

select contracts.contract_id, 'rate_missing' as reason
from contracts
inner join events using (contract_id)
left join
    rates
    on rates.from_currency = contracts.currency
    and rates.to_currency = contracts.functional_currency
    and rates.valid_from <= coalesce(events.posts_on, events.event_on)
where
    contracts.currency <> contracts.functional_currency and rates.from_currency is null

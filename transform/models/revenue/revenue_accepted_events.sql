with

    events as (select * from {{ ref("revenue_events") }}),

    holds as (select * from {{ ref("revenue_holds_stated") }}),

    held_contracts as (select contract_id from holds group by contract_id)

select
    events.event_id,
    events.contract_id,
    events.kind,
    events.obligation_id,
    events.invoice_id,
    events.amount_minor,
    events.tax_minor,
    events.cost_minor,
    events.quantity_micros,
    events.units,
    events.percent_units,
    events.is_complete,
    events.unit_price_micros,
    events.treatment,
    events.reason,
    events.decided_by,
    events.is_unconditional,
    events.settle_role,
    coalesce(events.posts_on, events.event_on) as effective_on,
    {{ first_of_month("coalesce(events.posts_on, events.event_on)") }} as month,
    case
        events.kind
        {% for kind in revenue_event_kinds() %}
            when '{{ kind }}' then {{ loop.index }}
        {% endfor %}
    end as kind_rank,
    case
        when events.kind in ('dispute', 'write_off')
        then 'pro_rata'
        when events.kind in ('refund', 'void')
        then coalesce(events.treatment, 'pro_rata')
        when
            events.kind = 'credit_note'
            and events.reason in ('waiver', 'discount', 'future_discount', 'goodwill')
        then 'prospective'
        when events.kind = 'credit_note'
        then 'pro_rata'
    end as reduction
from events
left join held_contracts using (contract_id)
where held_contracts.contract_id is null

with

    contracts as (select * from {{ ref("revenue_contracts") }}),

    sold as (select * from {{ ref("revenue_events_sold") }}),

    billed as (select * from {{ ref("revenue_events_billed") }}),

    events as (
        select
            event_id,
            contract_id,
            kind,
            event_on,
            recorded_on,
            obligation_id,
            cast(null as varchar) as invoice_id,
            amount_minor,
            cast(0 as bigint) as tax_minor,
            is_complete,
            treatment,
            cast(null as varchar) as reason,
            decided_by
        from sold
        union all
        select
            event_id,
            contract_id,
            kind,
            event_on,
            event_on as recorded_on,
            cast(null as varchar) as obligation_id,
            invoice_id,
            amount_minor,
            tax_minor,
            false as is_complete,
            treatment,
            reason,
            cast(null as varchar) as decided_by
        from billed
    )

select
    events.event_id,
    contracts.contract_id,
    events.kind,
    events.event_on,
    events.recorded_on,
    cast(null as date) as posts_on,
    events.obligation_id,
    events.invoice_id,
    events.amount_minor,
    events.tax_minor,
    cast(0 as bigint) as cost_minor,
    cast(null as bigint) as quantity_micros,
    cast(null as bigint) as units,
    cast(null as bigint) as percent_units,
    events.is_complete,
    cast(null as bigint) as unit_price_micros,
    events.treatment,
    events.reason,
    events.decided_by,
    true as is_unconditional,
    'cash' as settle_role
from events
inner join contracts using (contract_id)

with

    contracts as (select * from {{ ref("revenue_contracts") }}),

    sold as (select * from {{ ref("revenue_events_sold") }}),

    paused as (select * from {{ ref("revenue_events_paused") }}),

    performed as (select * from {{ ref("revenue_events_performed") }}),

    billed as (select * from {{ ref("revenue_events_billed") }}),

    months as (select * from {{ ref("revenue_months") }}),

    closes as (select * from {{ ref("revenue_closes") }}),

    events as (
        {% for decided in ["sold", "paused"] %}
            select
                event_id,
                contract_id,
                kind,
                event_on,
                recorded_on,
                cast(null as varchar) as obligation_id,
                cast(null as varchar) as invoice_id,
                cast(null as bigint) as amount_minor,
                cast(0 as bigint) as tax_minor,
                false as is_complete,
                treatment,
                cast(null as varchar) as reason,
                decided_by
            from {{ decided }}
            union all
        {% endfor %}
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
            cast(null as varchar) as treatment,
            cast(null as varchar) as reason,
            cast(null as varchar) as decided_by
        from performed
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
    ),

    -- What became known after its period was closed goes to the first that was open
    -- then.
    late as (
        select
            events.event_id,
            contracts.entity,
            events.recorded_on,
            {{ first_of_month("events.event_on") }} as month
        from events
        inner join contracts using (contract_id)
        inner join
            closes
            on closes.entity = contracts.entity
            and closes.month = {{ first_of_month("events.event_on") }}
            and closes.closed_on <= events.recorded_on
    ),

    opened as (
        select late.event_id, min(months.month) as posts_on
        from late
        inner join months on months.month > late.month
        left join
            closes
            on closes.entity = late.entity
            and closes.month = months.month
            and closes.closed_on <= late.recorded_on
        where closes.month is null
        group by late.event_id
    )

select
    events.event_id,
    contracts.contract_id,
    events.kind,
    events.event_on,
    events.recorded_on,
    opened.posts_on,
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
left join opened using (event_id)

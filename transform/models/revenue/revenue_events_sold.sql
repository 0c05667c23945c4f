with

    obligations as (select * from {{ ref("revenue_obligations") }}),

    lines as (select * from {{ ref("revenue_order_lines") }}),

    orders as (select * from {{ ref("orders") }}),

    modifications as (
        select *, {{ utc_date("recorded_at") }} as recorded_on
        from {{ ref("contract_modifications") }}
    ),

    settlements as (select * from {{ ref("revenue_settlements") }}),

    renewals as (
        select
            obligations.contract_id,
            obligations.added_by,
            min(least(orders.activated_on, orders.starts_on)) as signed_on
        from obligations
        inner join orders on 'modification:' || orders.order_id = obligations.added_by
        left join modifications using (order_id)
        where modifications.order_id is null
        group by obligations.contract_id, obligations.added_by
    ),

    events_of_orders as (
        select modification_id, event_id
        from lines
        where is_modification
        group by modification_id, event_id
    ),

    decided as (
        select
            coalesce(
                events_of_orders.event_id, 'modification:' || modifications.order_id
            ) as event_id,
            modifications.contract_id,
            'modification' as kind,
            modifications.modified_on as event_on,
            modifications.recorded_on,
            modifications.treatment,
            modifications.decided_by
        from modifications
        left join
            events_of_orders
            on events_of_orders.modification_id
            = 'modification:' || modifications.order_id
        where modifications.contract_id is not null
    ),

    -- By policy a renewal is a contract of its own: no one has to decide it each time.
    renewed as (
        select
            added_by as event_id,
            contract_id,
            'modification' as kind,
            signed_on as event_on,
            signed_on as recorded_on,
            'separate' as treatment,
            'policy' as decided_by
        from renewals
    ),

    settled as (
        select
            event_id,
            contract_id,
            'modification' as kind,
            settled_on as event_on,
            settled_on as recorded_on,
            'catch_up' as treatment,
            'policy' as decided_by
        from settlements
        group by event_id, contract_id, settled_on
    )

{% for source in ["decided", "renewed", "settled"] %}
        {{ "union all" if not loop.first }}
    select event_id, contract_id, kind, event_on, recorded_on, treatment, decided_by
    from {{ source }}
{% endfor %}

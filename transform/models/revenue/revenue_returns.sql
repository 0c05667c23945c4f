with

    obligations as (
        select *
        from {{ ref("revenue_performance_obligations") }}
        where returns_minor <> 0
    ),

    events as (select * from {{ ref("revenue_accepted_events") }}),

    units as (select * from {{ ref("revenue_units") }}),

    delivered as (
        select
            obligations.obligation_key,
            units.effective_on as posted_on,
            {% for amount in ["returns_minor", "returns_cost_minor"] %}
                {{
                    share_minor(
                        "obligations." ~ amount,
                        bounded("units.units", "obligations.total_units"),
                        "obligations.total_units",
                    )
                }} as {{ amount }} {{- "," if not loop.last }}
            {% endfor %}
        from obligations
        inner join units using (obligation_key)
    ),

    -- What is expected back is owed with each delivery.
    expected as (
        select
            cast(null as varchar) as event_id,
            obligation_key,
            posted_on,
            'returns_expected' as reason,
            {% for amount in ["returns_minor", "returns_cost_minor"] %}
                {{ amount }} - lag({{ amount }}, 1, cast(0 as bigint)) over (
                    partition by obligation_key order by posted_on
                ) as {{ amount }} {{- "," if not loop.last }}
            {% endfor %}
        from delivered
    ),

    returned as (
        select
            events.event_id,
            obligations.obligation_key,
            events.effective_on as posted_on,
            'return' as reason,
            events.settle_role,
            events.amount_minor as returns_minor,
            coalesce(events.cost_minor, 0) as returns_cost_minor
        from events
        inner join obligations using (contract_id, obligation_id)
        where events.kind = 'return'
    ),

    moved as (
        select obligation_key, posted_on, returns_minor, returns_cost_minor
        from expected
        union all
        select
            obligation_key,
            posted_on,
            - returns_minor as returns_minor,
            - returns_cost_minor as returns_cost_minor
        from returned
    ),

    lapsed as (
        select
            events.event_id,
            obligations.obligation_key,
            events.effective_on as posted_on,
            'returns_lapsed' as reason,
            {{ sum_minor("moved.returns_minor") }} as returns_minor,
            {{ sum_minor("moved.returns_cost_minor") }} as returns_cost_minor
        from events
        inner join obligations using (contract_id, obligation_id)
        inner join
            moved
            on moved.obligation_key = obligations.obligation_key
            and moved.posted_on <= events.effective_on
        where events.kind = 'lapse'
        group by events.event_id, obligations.obligation_key, events.effective_on
    ),

    sides as (
        {% for moved, amount, debit_role, credit_role in [
            ("expected", "returns_minor", "'deferred'", "'refund_liability'"),
            (
                "expected",
                "returns_cost_minor",
                "'return_asset'",
                "'cost_of_sales'",
            ),
            (
                "returned",
                "returns_minor",
                "'refund_liability'",
                "settle_role",
            ),
            (
                "returned",
                "returns_cost_minor",
                "'inventory'",
                "'return_asset'",
            ),
            ("lapsed", "returns_minor", "'refund_liability'", "'revenue'"),
            (
                "lapsed",
                "returns_cost_minor",
                "'cost_of_sales'",
                "'return_asset'",
            ),
        ] %}
            {{ "union all" if not loop.first }}
            select
                event_id,
                obligation_key,
                posted_on,
                reason,
                {{ amount }} as amount_minor,
                {{ debit_role }} as debit_role,
                {{ credit_role }} as credit_role
            from {{ moved }}
        {% endfor %}
    )

select
    obligations.contract_id,
    sides.event_id,
    sides.obligation_key,
    sides.posted_on,
    sides.reason,
    sides.debit_role,
    sides.credit_role,
    sides.amount_minor
from sides
inner join obligations using (obligation_key)

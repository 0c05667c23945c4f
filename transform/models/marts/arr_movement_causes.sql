{%- set line = "customer_id, product_id, currency, legal_entity_code, month" -%}
with

    changes as (select * from {{ ref("arr_changes") }}),

    balances as (select * from {{ ref("arr_balances") }}),

    splits as (select * from {{ ref("arr_splits") }}),

    causes as (
        select
            {{ line }},
            case
                when transfer_minor > 0 then 'transfer_in' else 'transfer_out'
            end as movement,
            'legal_entity' as cause,
            transfer_minor as amount_minor,
            transfer_usd_minor as amount_usd_minor,
            transfer_reported_usd_minor as amount_reported_usd_minor
        from changes

        union all

        select {{ line }}, 'fx' as movement, 'rate' as cause, 0, 0, rate_usd_minor
        from changes

        union all

        -- What is paused is held and not counted, at the rates of both months.
        select
            {{ line }},
            'fx' as movement,
            'rate' as cause,
            0,
            0,
            opening_paused_reported_usd_minor - carried_paused_reported_usd_minor
        from balances
        where opening_paused_minor <> 0

        union all

        select
            {{ line }},
            case
                when opening_paused_minor > closing_paused_minor
                then 'resume'
                else 'pause'
            end as movement,
            'pause' as cause,
            opening_paused_minor - closing_paused_minor,
            opening_paused_usd_minor - closing_paused_usd_minor,
            carried_paused_reported_usd_minor - closing_paused_reported_usd_minor
        from balances

        union all

        select
            {{ line }},
            changes.movement,
            changes.cause,
            changes.rest_minor,
            changes.rest_usd_minor,
            changes.rest_reported_usd_minor
        from changes
        left join splits using ({{ line }})
        where splits.movement is null

        {% for step, cause in {
                "quantity": "'quantity'",
                "discount": "discount_cause",
                "price": "price_cause",
            }.items() %}
            union all

            select
                {{ line }},
                movement,
                {{ cause }} as cause,
                {{ step }}_minor,
                {{ step }}_usd_minor,
                {{ step }}_reported_usd_minor
            from splits
        {% endfor %}
    )

select
    {{ line }},
    movement,
    cause,
    {{ sum_minor("amount_minor") }} as amount_minor,
    {{ sum_minor("amount_usd_minor") }} as amount_usd_minor,
    {{ sum_minor("amount_reported_usd_minor") }} as amount_reported_usd_minor
from causes
where amount_minor <> 0 or amount_usd_minor <> 0 or amount_reported_usd_minor <> 0
group by {{ line }}, movement, cause

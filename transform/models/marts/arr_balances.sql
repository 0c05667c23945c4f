with

    positions as (select * from {{ ref("arr_positions") }} where is_in_force),

    months as (select * from {{ ref("int_calendar__months") }}),

    sides as (
        select
            month,
            customer_id,
            product_id,
            currency,
            legal_entity_code,
            false as is_opening,
            quantity,
            gross_minor,
            is_newly_contracted as is_recontracted,
            0 as ending_rank,
            {% for held in ["held", "paused"] %}
                {{ held }}_minor,
                {{ held }}_usd_minor,
                {{ held }}_reported_usd_minor,
                cast(0 as bigint) as {{ held }}_carried_usd_minor
                {{- "," if not loop.last }}
            {% endfor %}
        from positions

        union all

        -- What is held when a month ends is what the next one begins with.
        select
            months.month,
            positions.customer_id,
            positions.product_id,
            positions.currency,
            positions.legal_entity_code,
            true as is_opening,
            positions.quantity,
            positions.gross_minor,
            positions.is_running_out as is_recontracted,
            positions.ending_rank,
            {% for held in ["held", "paused"] %}
                positions.{{ held }}_minor,
                positions.{{ held }}_usd_minor,
                positions.{{ held }}_reported_usd_minor,
                positions.{{ held }}_carried_usd_minor {{- "," if not loop.last }}
            {% endfor %}
        from positions
        inner join months on months.month = {{ add_months("positions.month", 1) }}
    )

select
    customer_id,
    product_id,
    currency,
    legal_entity_code,
    month,
    {% for side, is_side in {
        "opening": "is_opening",
        "closing": "not is_opening",
    }.items() %}
        cast(
            coalesce(sum(case when {{ is_side }} then quantity end), 0) as decimal(
                38, 9
            )
        ) as {{ side }}_quantity,
        {{ sum_minor("case when " ~ is_side ~ " then gross_minor end") }}
        as {{ side }}_gross_minor,
        {% for held in ["held", "paused"] %}
            {% for measure in arr_measures() %}
                {{
                    sum_minor(
                        "case when "
                        ~ is_side
                        ~ " then "
                        ~ held
                        ~ "_"
                        ~ measure
                        ~ " end"
                    )
                }} as {{ side }}_{{ held }}_{{ measure }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ sum_minor("held_carried_usd_minor") }} as carried_held_reported_usd_minor,
    {{ sum_minor("paused_carried_usd_minor") }} as carried_paused_reported_usd_minor,
    max(is_recontracted) = 1 as is_recontracted,
    max(ending_rank) as ending_rank
from sides
group by customer_id, product_id, currency, legal_entity_code, month

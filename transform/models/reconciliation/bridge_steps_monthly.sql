{{ config(materialized="table") }}

with

    items as (select * from {{ ref("bridge_items_monthly") }}),

    months as (select * from {{ ref("int_calendar__months") }}),

    moved as (
        select
            hand_off,
            legal_entity_code,
            currency,
            step,
            month,
            {{ sum_minor("amount_minor") }} as amount_minor,
            count(*) as items_count
        from items
        group by hand_off, legal_entity_code, currency, step, month
    ),

    begun as (
        select hand_off, legal_entity_code, currency, min(month) as first_month
        from moved
        group by hand_off, legal_entity_code, currency
    ),

    -- Every step from the first month on, so that what is to date is there each month.
    dense as (
        select
            begun.hand_off,
            begun.legal_entity_code,
            begun.currency,
            months.month,
            steps.step,
            steps.place
        from begun
        inner join months on months.month >= begun.first_month
        cross join
            (
                {% for step in bridge_steps() %}
                    select
                        '{{ step }}' as step,
                        cast({{ loop.index }} as bigint) as place
                        {{ "union all" if not loop.last }}
                {% endfor %}
            ) as steps
    )

select
    dense.hand_off,
    dense.legal_entity_code,
    dense.currency,
    dense.month,
    dense.step,
    dense.place,
    coalesce(moved.amount_minor, 0) as amount_minor,
    cast(
        sum(coalesce(moved.amount_minor, 0)) over (
            partition by
                dense.hand_off, dense.legal_entity_code, dense.currency, dense.step
            order by dense.month
        ) as bigint
    ) as to_date_minor,
    coalesce(moved.items_count, 0) as items_count
from dense
left join
    moved
    on moved.hand_off = dense.hand_off
    and moved.legal_entity_code = dense.legal_entity_code
    and moved.currency = dense.currency
    and moved.month = dense.month
    and moved.step = dense.step

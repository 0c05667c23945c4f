with

    balances as (select * from {{ ref("arr_balances") }}),

    causes as (select * from {{ ref("arr_movement_causes") }}),

    moved as (
        select
            customer_id,
            product_id,
            currency,
            legal_entity_code,
            month
            {%- for measure in arr_measures() %}
                {%- for movement in arr_movements(measure) %}
                    ,
                    {{
                        sum_minor(
                            "case when movement = '"
                            ~ movement
                            ~ "' then amount_"
                            ~ measure
                            ~ " end"
                        )
                    }} as {{ movement }}_{{ measure }}
                {%- endfor %}
            {%- endfor %}
        from causes
        group by customer_id, product_id, currency, legal_entity_code, month
    )

select
    balances.customer_id,
    balances.product_id,
    balances.currency,
    balances.legal_entity_code,
    balances.month
    {%- for measure in arr_measures() %}
        ,
        balances.opening_held_{{ measure }}
        - balances.opening_paused_{{ measure }} as opening_{{ measure }},
        {%- for movement in arr_movements(measure) %}
            coalesce(
                moved.{{ movement }}_{{ measure }}, 0
            ) as {{ movement }}_{{ measure }},
        {%- endfor %}
        balances.closing_held_{{ measure }}
        - balances.closing_paused_{{ measure }} as closing_{{ measure }}
    {%- endfor %}
from balances
left join moved using (customer_id, product_id, currency, legal_entity_code, month)
where
    balances.opening_held_minor <> 0
    or balances.closing_held_minor <> 0
    or moved.customer_id is not null

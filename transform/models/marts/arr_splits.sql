with

    changes as (
        select *
        from {{ ref("arr_changes") }}
        where
            cause = 'price'
            and based_held_minor > 0
            and closing_held_minor > 0
            and based_quantity > 0
            and closing_quantity > 0
            and based_gross_minor > 0
            and closing_gross_minor > 0
    ),

    rates as (select * from {{ ref("usd_rates_monthly") }}),

    -- Quantity at the old price, discount at the new gross, and price has what is left.
    split as (
        select
            changes.*,
            rates.budget_rate,
            rates.month_end_rate,
            {{
                share_minor(
                    "based_held_minor",
                    "(closing_quantity - based_quantity) * 1000000000",
                    "based_quantity * 1000000000",
                )
            }} as quantity_minor,
            closing_held_minor
            - {{
                share_minor(
                    "closing_gross_minor",
                    "based_held_minor",
                    "based_gross_minor",
                )
            }} as discount_minor
        from changes
        inner join rates using (month, currency)
    ),

    -- Each step in dollars is the difference of two amounts, so that steps add up.
    stepped as (
        select
            *
            {%- for measure, rate in {
                "usd_minor": "budget_rate",
                "reported_usd_minor": "month_end_rate",
            }.items() %}
                {%- set base = "based_held_minor" -%}
                {%- set after_quantity = base ~ " + quantity_minor" -%}
                {%- set after_discount = after_quantity ~ " + discount_minor" -%},
                {{ usd_minor(after_quantity, rate) }}
                - {{ usd_minor(base, rate) }} as quantity_{{ measure }},
                {{ usd_minor(after_discount, rate) }}
                - {{ usd_minor(after_quantity, rate) }} as discount_{{ measure }}
            {%- endfor %}
        from split
    )

select
    customer_id,
    product_id,
    currency,
    legal_entity_code,
    month,
    movement,
    case
        when discount_minor > 0 then 'discount_expiry' else 'discount_start'
    end as discount_cause,
    case
        when quantity_minor <> 0 and not is_recontracted then 'co_term' else 'price'
    end as price_cause
    {%- for measure in arr_measures() %}
        ,
        quantity_{{ measure }},
        discount_{{ measure }},
        rest_{{ measure }}
        - quantity_{{ measure }}
        - discount_{{ measure }} as price_{{ measure }}
    {%- endfor %}
from stepped

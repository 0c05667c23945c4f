{%- set amounts = {
    "quantity": "opening_quantity",
    "gross_minor": "opening_gross_minor",
    "held_minor": "opening_held_minor",
    "held_usd_minor": "opening_held_usd_minor",
    "held_reported_usd_minor": "opening_held_reported_usd_minor",
    "carried_usd_minor": "carried_held_reported_usd_minor",
} -%}
with

    balances as (
        select
            *,
            opening_held_minor <> 0 and closing_held_minor = 0 as is_ended,
            opening_held_minor = 0 and closing_held_minor <> 0 as is_begun
        from {{ ref("arr_balances") }}
    ),

    ended as (
        select customer_id, product_id, currency, month
        from balances
        group by customer_id, product_id, currency, month
        having
            sum(case when is_ended then 1 else 0 end) = 1
            and sum(case when is_begun then 1 else 0 end) = 1
            and sum(abs(opening_paused_minor) + abs(closing_paused_minor)) = 0
    ),

    handed as (
        select balances.*
        from balances
        inner join ended using (customer_id, product_id, currency, month)
        where balances.is_ended or balances.is_begun
    )

select
    customer_id,
    product_id,
    currency,
    month,
    max(case when is_ended then legal_entity_code end) as from_entity_code,
    max(case when is_begun then legal_entity_code end) as to_entity_code
    {%- for name, amount in amounts.items() %}
        ,
        cast(
            sum(
                {{ amount }}
            ) as {{ "decimal(38, 9)" if name == "quantity" else "bigint" }}
        ) as {{ name }}
    {%- endfor %}
from handed
group by customer_id, product_id, currency, month

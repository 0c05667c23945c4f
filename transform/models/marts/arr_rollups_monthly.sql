{%- set levels = {
    "customer": "customer_id",
    "product": "product_id",
    "legal_entity": "legal_entity_code",
    "company": "'all'",
} -%}
with

    movements as (select * from {{ ref("arr_movements") }}),

    members as (
        {% for level, member in levels.items() %}
            select '{{ level }}' as level, {{ member }} as member, movements.*
            from movements
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    level,
    member,
    month,
    {% for measure in arr_measures() if measure != "minor" %}
        {% for amount in ["opening"] + arr_movements(measure) + ["closing"] %}
            {{ sum_minor(amount ~ "_" ~ measure) }} as {{ amount }}_{{ measure }},
        {% endfor %}
    {% endfor %}
    count(distinct case when closing_minor <> 0 then customer_id end) as customers_count
from members
group by level, member, month

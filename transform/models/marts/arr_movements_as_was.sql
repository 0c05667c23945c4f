{%- set line = "customer_id, product_id, currency, legal_entity_code" -%}
{%- set told = [] -%}
{%- for measure in arr_measures() -%}
    {%- for movement in arr_movements(measure) -%}
        {%- do told.append(movement ~ "_" ~ measure) -%}
    {%- endfor -%}
{%- endfor -%}
with

    reported as (select * from {{ ref("arr_reported") }}),

    records as (select * from {{ ref("arr_reported_records") }}),

    months as (select month from reported group by month),

    homes as (
        select customer_record_key, month, min(customer_id) as customer_id
        from records
        group by customer_record_key, month
    ),

    -- A record that was one customer's at one close and another's at the next.
    relinked as (
        select
            records.*, homes.month as next_month, homes.customer_id as next_customer_id
        from records
        inner join
            homes
            on homes.customer_record_key = records.customer_record_key
            and homes.month = {{ add_months("records.month", 1) }}
        where homes.customer_id <> records.customer_id
    ),

    parts as (
        select
            {{ line }},
            month,
            {% for measure in arr_measures() %}
                cast(0 as bigint) as opening_{{ measure }},
                opening_{{ measure }} as restated_{{ measure }},
                closing_{{ measure }},
            {% endfor %}
            {{ told | join(", ") }}
        from reported

        {% for side, movement, back in [
                ("customer_id", "transfer_out", "+"),
                ("next_customer_id", "transfer_in", "-"),
            ] %}
            union all

            select
                {{ side }} as customer_id,
                product_id,
                currency,
                legal_entity_code,
                next_month as month,
                {% for measure in arr_measures() %}
                    0, {{ back }} closing_{{ measure }}, 0,
                {% endfor %}
                {% for amount in told %}
                    {% if amount.startswith(movement) %}
                        - ({{ back }} {{ amount | replace(movement, "closing") }})
                    {% else %} 0
                    {% endif %}
                    {{- "," if not loop.last }}
                {% endfor %}
            from relinked
        {% endfor %}

        union all

        -- What one close reported is what the next one opens with; what is known of it
        -- by then, other than who has it, is restated.
        select
            {{ line }},
            months.month,
            {% for measure in arr_measures() %}
                closing_{{ measure }}, - closing_{{ measure }}, 0,
            {% endfor %}
            {% for amount in told %} 0 {{- "," if not loop.last }} {% endfor %}
        from reported
        inner join months on months.month = {{ add_months("reported.month", 1) }}
        where
            closing_minor <> 0
            or closing_usd_minor <> 0
            or closing_reported_usd_minor <> 0
    )

select
    {{ line }},
    {% for measure in arr_measures() %}
        {{ sum_minor("opening_" ~ measure) }} as opening_{{ measure }},
        {% for movement in arr_movements(measure) %}
            {{ sum_minor(movement ~ "_" ~ measure) }} as {{ movement }}_{{ measure }},
        {% endfor %}
        {{ sum_minor("restated_" ~ measure) }} as restated_{{ measure }},
        {{ sum_minor("closing_" ~ measure) }} as closing_{{ measure }},
    {% endfor %}
    month
from parts
group by {{ line }}, month
